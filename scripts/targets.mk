# What people call. `make run SERVER=lighttpd PORT=9443 DATA=/some/folder`.

SERVER ?= nginx
PORT   ?= 8443
DATA   ?= var

.PHONY: run test test-long check generate bench clean help
run: ## install what is missing, build, start, print the address (SERVER PORT DATA)
	@scripts/deps run
	@$(MAKE) --no-print-directory -s all
	@SERVER='$(SERVER)' PORT='$(PORT)' DATA='$(DATA)' exec scripts/run
test: ## all tests; `tests/run unit e2e` for some of them
	@scripts/deps test
	@tests/run
test-long: test ## all tests, more orders through the crash, half an hour of steady work, every fuzz target 60 s
	@KONTOR_CRASH_ORDERS=10000 node tests/e2e/run.mjs --only 'crash:'
	@KONTOR_SOAK_MINUTES=30 node tests/e2e/run.mjs --programs build --only 'soak:'
	@tests/fuzz/run 60
check: ## the rules of the source, in seconds; before each commit
	@scripts/deps test
	@$(MAKE) --no-print-directory -s programs
	@B=$(B) tests/source/check
generate: programs ## what the program prints into docs/; after a change of routes or settings
	$(B)/kontor openapi >docs/openapi.json
	$(B)/kontor config describe >docs/config.md
bench: programs web ## ratios against floors and peers, about ten minutes (docs/performance.md)
	@scripts/deps test
	@tests/bench/http && tests/bench/process && tests/bench/profile && \
		tests/bench/backtests && tests/bench/neighbour && tests/bench/engine
# what a call of the shared store costs; FILE and a Redis URL as arguments
$(B)/bench_store: tests/bench/store.c $(call objs_of,store) $(call objs_of,base)
	$(Q)$(CC) $(CFLAGS) -iquote include/base -iquote include/store \
		-o $@ $^ $(LINK) $(LIBS)
# candles in and out, beside plain loops; an empty FOLDER as argument
$(B)/bench_candles: tests/bench/candles.c $(SHARED)
	$(Q)$(CC) $(CFLAGS) $(SYSTEM) $(foreach s,$(LAYERS) mint,-iquote include/$(s)) \
		-o $@ $^ $(LINK) $(LIBS) $(CURL) $(FCGI)
clean: ## remove what was built; data folders stay
	rm -rf build web/node_modules
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
		while IFS="	" read -r name text; do \
			printf '  %-9s %s\n' "$$name" "$$text"; \
		done

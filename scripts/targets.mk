# What people call. `make run SERVER=lighttpd PORT=9443 DATA=/some/folder`.

SERVER ?= nginx
PORT   ?= 8443
DATA   ?= var

.PHONY: run test check clean help
run: ## install what is missing, build, start, print the address (SERVER PORT DATA)
	@scripts/deps run
	@$(MAKE) --no-print-directory all
	@SERVER='$(SERVER)' PORT='$(PORT)' DATA='$(DATA)' exec scripts/run
test: ## all tests; `tests/run unit e2e` for some of them
	@scripts/deps test
	@tests/run
check: ## the rules of the source, in seconds; before each commit
	@tests/source/check
clean: ## remove what was built; data folders stay
	rm -rf build web/node_modules
help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
		while IFS="	" read -r name text; do \
			printf '  %-8s %s\n' "$$name" "$$text"; \
		done

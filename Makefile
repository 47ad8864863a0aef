# Kontor. `make run` to try it, `make test` to prove it, `make check` before
# each commit. `make help` lists the rest.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# ---- what may see what: a forbidden include does not compile -------------
LAYERS      := base db store vault audit scope auth engine venue domain http api app
SEES_base   := base
SEES_db     := base db
SEES_store  := base store
SEES_vault  := base vault
SEES_audit  := base db audit
SEES_scope  := base db scope mint
SEES_auth   := base db store vault audit scope mint auth
SEES_engine := base engine
SEES_venue  := base venue
SEES_domain := base engine scope vault store domain
SEES_http   := base store audit scope auth http
SEES_api    := base scope auth domain http api
SEES_app    := $(LAYERS)

# ---- flags ---------------------------------------------------------------
CC      := gcc
B       := build
Q       := @
# hidden: a library must never find our symbols (jansson, behind libjwt, has
# functions of the same names as base/json)
STD     := -std=c17 -D_GNU_SOURCE -fvisibility=hidden
WARN    := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wformat=2 -Wundef -Wvla -Wwrite-strings -Wpointer-arith -Wcast-qual \
	-Wnull-dereference -Wdouble-promotion -Wswitch-enum \
	-Wimplicit-fallthrough -Wduplicated-cond -Wduplicated-branches \
	-Wlogical-op -Wcast-align=strict -Werror
HARDEN  := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
	-fstack-protector-strong -fstack-clash-protection \
	-ftrivial-auto-var-init=zero -fno-strict-overflow \
	-fno-delete-null-pointer-checks -fPIE \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection=full)
LINK    := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
ASAN    := -O1 -g -U_FORTIFY_SOURCE -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer -fPIE
ifeq ($(SAN),1)
B       := build/asan
MODE    := $(ASAN)
LINK    := -pie -fsanitize=address,undefined
KIND    := test
else
MODE    := $(HARDEN)
KIND    := real
endif
CFLAGS  := $(STD) $(WARN) $(MODE) -include include/banned.h
# -isystem: their headers are theirs
SYSTEM  := -isystem /usr/include/json-c
LIBS    := -ljson-c -ljwt -lsodium -lsqlite3 -llmdb -lhiredis -lz -lm
FCGI    := -lfcgi
# of kontor alone, and of tests: the workers open no connections
CURL    := -lcurl

# ---- sources -------------------------------------------------------------
APP_FCGI := fcgi_main
APP_CLI  := cli_main command $(patsubst src/app/%.c,%,$(wildcard src/app/cmd_*.c))
# clock_real or clock_test, hash_area_real or _test: what is not chosen is a
# file not compiled
src_base := $(filter-out %_real.c %_test.c,$(wildcard src/base/*.c)) \
	$(wildcard src/base/*_$(KIND).c)
src_auth := $(filter-out %_real.c %_test.c,$(wildcard src/auth/*.c)) \
	$(wildcard src/auth/*_$(KIND).c)
src_of    = $(or $(src_$(1)),$(wildcard src/$(1)/*.c))
objs_of   = $(patsubst src/%.c,$(B)/o/%.o,$(call src_of,$(1)))
OBJS     := $(foreach l,$(LAYERS),$(call objs_of,$(l))) $(B)/o/db/migrations.o
MAINS    := $(patsubst %,$(B)/o/app/%.o,$(APP_FCGI) $(APP_CLI))
SHARED   := $(filter-out $(MAINS),$(OBJS))
# what only the operator's program may contain
CLI_ONLY := $(call objs_of,venue) $(B)/o/vault/vault_keys.o $(B)/o/domain/reseal.o \
	$(B)/o/domain/user_secrets.o $(B)/o/domain/exchange_%.o $(B)/o/domain/outbox%.o \
	$(B)/o/domain/import%.o $(B)/o/domain/copy.o $(B)/o/domain/signal_%.o \
	$(B)/o/domain/paper_runner.o $(B)/o/domain/paper_watch.o $(B)/o/domain/live_watch.o \
	$(B)/o/domain/feed_%.o $(B)/o/domain/portfolio_check.o \
	$(B)/o/domain/orders_clean.o $(B)/o/domain/desk_figures.o \
	$(B)/o/domain/run_%.o $(B)/o/domain/search_json.o \
	$(B)/o/domain/notify_%.o \
	$(patsubst %,$(B)/o/app/%.o,work% backup% restore% certificate% \
	upgrade% progress backtest_print notifier% bank_client)
WEB_OBJS := $(filter-out $(CLI_ONLY) $(B)/o/http/door.o,$(SHARED))

.PHONY: all programs web help
all: programs web ## build the programs and the dashboard
programs: $(B)/kontor $(B)/kontor.fcgi

# An archive: what nothing calls yet, and the libraries below it, stay out.
$(B)/venue.a: $(call objs_of,venue)
	@rm -f $@
	$(Q)ar rcs $@ $^
$(B)/kontor: $(filter-out $(B)/o/http/door.o $(call objs_of,venue),$(SHARED)) \
		$(patsubst %,$(B)/o/app/%.o,$(APP_CLI)) $(B)/venue.a
	@echo "LD $@"
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS) $(CURL)
$(B)/kontor.fcgi: $(WEB_OBJS) $(B)/o/http/door.o $(B)/o/app/fcgi_main.o
	@echo "LD $@"
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS) $(FCGI)

define LAYER
$(B)/o/$(1)/%.o: src/$(1)/%.c Makefile
	@mkdir -p $$(@D)
	@echo "CC $$@"
	$(Q)$(CC) $(CFLAGS) $(SYSTEM) $(foreach s,$(SEES_$(1)),-iquote include/$(s)) \
		-iquote src/$(1) -iquote build/gen -MMD -MP -c -o $$@ $$<
endef
$(foreach l,$(LAYERS),$(eval $(call LAYER,$(l))))

# ---- generated sources ---------------------------------------------------
build/gen/migrations.c: scripts/embed-migrations $(wildcard migrations/sqlite/*.sql)
	@mkdir -p $(@D)
	scripts/embed-migrations migrations/sqlite >$@
build/gen/common_passwords.h: scripts/embed-lines data/common-passwords.txt
	@mkdir -p $(@D)
	scripts/embed-lines data/common-passwords.txt common_passwords >$@
$(B)/o/auth/password_policy.o: build/gen/common_passwords.h
$(B)/o/db/migrations.o: build/gen/migrations.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(foreach s,$(SEES_db),-iquote include/$(s)) -c -o $@ $<

# ---- the dashboard -------------------------------------------------------
WEB_SRC := $(shell find web/src -type f 2>/dev/null) web/build.mjs web/docs.mjs \
	docs/openapi.json web/package.json web/package-lock.json
web: build/web/index.html
web/node_modules/.stamp: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.stamp
build/web/index.html: web/node_modules/.stamp $(WEB_SRC)
	cd web && node build.mjs ../build/web

# ---- unit tests (cmocka), one program a file -----------------------------
UNITS := $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_*.c))
UNIT_PROGRAMS := $(patsubst %,$(B)/unit/test_%,$(UNITS))
$(B)/unit/test_%: tests/unit/test_%.c $(SHARED)
	@mkdir -p $(@D)
	@echo "CC $@"
	$(Q)$(CC) $(CFLAGS) $(SYSTEM) $(foreach s,$(LAYERS) mint,-iquote include/$(s)) \
		-iquote src/engine -iquote src/venue -iquote tests/unit -MMD -MP -o $@ $< $(SHARED) \
		$(LINK) $(LIBS) $(CURL) $(FCGI) -lcmocka
.PHONY: units asan
units: $(UNIT_PROGRAMS)
asan:
	$(MAKE) SAN=1 programs units

# ---- fuzz targets: over their corpus by replay.c, or under a fuzzer --------
FUZZ_OBJS := $(filter-out $(B)/o/http/door.o,$(SHARED))
FUZZ_MAIN := tests/fuzz/replay.c
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
$(B)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(FUZZ_OBJS)
	@mkdir -p $(@D)
	@echo "CC $@"
	$(Q)$(CC) $(CFLAGS) $(SYSTEM) $(foreach s,$(LAYERS),-iquote include/$(s)) \
		-iquote src/auth -iquote src/venue -iquote tests/fuzz -iquote tests/unit -MMD -MP -o $@ $< $(FUZZ_MAIN) \
		$(FUZZ_OBJS) $(LINK) $(LIBS) $(CURL)
.PHONY: fuzz_targets fuzzers
fuzz_targets: $(FUZZ_TARGETS:%=$(B)/fuzz/%)
# Both engines bring their own main; their compilers know fewer warnings.
FUZZER := KIND=test FUZZ_MAIN= WARN=-Wall LINK=-fsanitize=fuzzer,address,undefined
fuzzers:
	$(MAKE) $(FUZZER) B=build/fuzz/libfuzzer CC=clang \
		MODE='$(ASAN) -fsanitize=fuzzer-no-link' fuzz_targets
	$(MAKE) $(FUZZER) B=build/fuzz/afl CC=afl-clang-fast \
		MODE='$(ASAN)' fuzz_targets

include scripts/targets.mk
-include $(shell find build -name '*.d' 2>/dev/null)

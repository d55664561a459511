# jtools, with GNU make and nothing to configure:
#   make            the commands, in build/bin          make demo     the README's pipe over fixtures/demo
#   make test       all tests, JTOOLS_LONG=1 for longer make asan     the same under the sanitizers
#   make lint       layers, static analysis, scripts    make format   the code's layout, make format-check looks only
#   make fuzz       the parsers, FUZZ_RUNS= inputs each  make bench    beside the peers, BENCH_SECONDS= at most
#   make soak       the same for SOAK_SECONDS= each, on from what was found before; FUZZ_SEEDS=DIR/TARGET/* besides
#   make install    to DESTDIR and PREFIX; make uninstall takes away the same
#   make html       the manual for a browser, in build/html
#   make deps       installs what is missing (Debian, Ubuntu) or says what to install
# Variables: CC CXX CFLAGS CXXFLAGS PREFIX DESTDIR BUILD; DEV=1 makes warnings errors.
CC ?= cc
CXX ?= c++
ifeq ($(origin CC),default)
CC = cc
endif
ifeq ($(origin CXX),default)
CXX = $(if $(findstring clang,$(CC)),clang++,$(if $(findstring gcc,$(CC)),g++,c++))
endif
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
PKG_CONFIG ?= pkg-config
FUZZ_RUNS ?= 10000
SOAK_SECONDS ?= 3600
BENCH_SECONDS ?= 540

PACKAGES = sqlite3 yaml-0.1 gmime-3.0 simdjson libpcre2-8 libutf8proc libcrypto libxml-2.0 libarchive readline
CFLAGS ?= -O2 -g
CXXFLAGS ?= $(CFLAGS)
WARN = -Wall -Wextra -Wshadow -Wpointer-arith -Wvla -Wundef -Wformat=2 -Wno-format-nonliteral -Wwrite-strings \
	-Wcast-align -Wconversion -Wsign-conversion -Wdouble-promotion -Wredundant-decls
CWARN = -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
ifeq ($(findstring clang,$(CC)),)
WARN += -Wduplicated-cond -Wlogical-op
# At -O2 GCC does several rows at once only where that makes the code no longer.
ROWS_CFLAGS = -fvect-cost-model=dynamic
endif
ifdef DEV
WARN += -Werror
endif
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null))
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null)
CPPFLAGS += -D_GNU_SOURCE -Ilib $(PKG_CFLAGS)
# Hidden: a function of ours may not take the place of one of the same name in a shared library (libyaml has a yaml_free).
HIDDEN = -fvisibility=hidden
ALL_CFLAGS = -std=c11 $(HIDDEN) $(WARN) $(CWARN) $(CFLAGS) $(SANITIZE)
ALL_CXXFLAGS = -std=c++17 $(HIDDEN) $(WARN) $(CXXFLAGS) $(SANITIZE)
LDLIBS += $(PKG_LIBS) -lphonenumber -lcld2 -lcsv -llinear -lm
LINK = $(CXX) $(LDFLAGS) $(SANITIZE)

COMMANDS := $(patsubst cmd/%.c,%,$(wildcard cmd/j*.c))
LIB_C := $(wildcard lib/*/*.c lib/*/*/*.c)
LIB_CC := $(wildcard lib/*/*.cc lib/*/*/*.cc)
LIB_O := $(LIB_C:%.c=$(BUILD)/%.o) $(LIB_CC:%.cc=$(BUILD)/%.cc.o)
LIB = $(BUILD)/libjtools.a
BINARIES := $(COMMANDS:%=$(BUILD)/bin/%)
TOOL_O = $(BUILD)/cmd/tool.o
ANSWER_O = $(BUILD)/cmd/answer.o $(BUILD)/cmd/answer_route.o
READY = $(BUILD)/.ready
# What jintent has learnt from the base ontology's examples; what is no intent is learnt as well.
EXAMPLES_OF := $(wildcard ontology/examples/*.yaml)
MODEL = $(if $(EXAMPLES_OF),$(BUILD)/intents.model)

UNIT := $(patsubst %.c,$(BUILD)/%,$(wildcard test/unit/*.c))
FUZZ := $(filter-out main,$(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/*.c)))
# Each fuzz target twice: to run its seeds as a test, and to search for new inputs.
SEEDED := $(FUZZ:%=$(BUILD)/test/fuzz/%)
SEARCH := $(FUZZ:%=$(BUILD)/search/%)

# For a make within a make: as many at once as the machine has processors, where nobody said how many.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

all: $(BINARIES) $(MODEL)

$(BUILD)/intents.model: $(BUILD)/bin/jintent $(wildcard ontology/*.yaml) $(EXAMPLES_OF) ontology/background.csv
	$(BUILD)/bin/jintent train -q --precision 0.9 -o $@.new ontology ontology/background.csv && mv $@.new $@

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(TOOL_O) $(LIB)
	@mkdir -p $(@D)
	$(LINK) -o $@ $(filter %.o,$^) $(LIB) $(LDLIBS)

# Its answers are those of the other commands' stages, in a file of their own.
$(BUILD)/bin/jsh: $(ANSWER_O)

$(BUILD)/test/unit/%: $(BUILD)/test/unit/%.o $(LIB)
	$(LINK) -o $@ $< $(LIB) $(LDLIBS)

$(BUILD)/test/fuzz/%: $(BUILD)/test/fuzz/%.o $(BUILD)/test/fuzz/main.o $(LIB)
	$(LINK) -o $@ $< $(BUILD)/test/fuzz/main.o $(LIB) $(LDLIBS)

$(BUILD)/search/%: $(BUILD)/test/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(LINK) -fsanitize=fuzzer -o $@ $< $(LIB) $(LDLIBS)

$(LIB): $(LIB_O)
	$(AR) rcs $@.new $(LIB_O) && mv $@.new $@

$(BUILD)/%.o: %.c | $(READY)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.cc.o: %.cc | $(READY)
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

# What goes over the rows of columns, one operation after the other.
$(addprefix $(BUILD)/lib/,core/store/column.o core/store/formula.o core/store/measure_columns.o stage/tally.o): \
	ALL_CFLAGS += $(ROWS_CFLAGS)

# Before the first object: is all there that the code needs?
$(READY): deps.debian
	@CC='$(CC)' CXX='$(CXX)' PKG_CONFIG='$(PKG_CONFIG)' .ci/deps check build
	@mkdir -p $(@D) && touch $@

deps:
	@CC='$(CC)' CXX='$(CXX)' .ci/deps install build

# What is installed by deps is seen by a make that starts after it.
demo: deps
	@$(MAKE) -s $(JOBS) all
	@test/demo.sh $(BUILD)

test:
	@CC='$(CC)' CXX='$(CXX)' .ci/deps install build test
	@$(MAKE) -s $(JOBS) tests
	@test/run $(BUILD)

# Preloaded by tests: a file system that fails.
$(BUILD)/test/vfs/fault.so: test/vfs/fault.c | $(READY)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(filter-out -fvisibility=hidden,$(ALL_CFLAGS)) -fPIC -shared -o $@ $< $(shell $(PKG_CONFIG) --libs sqlite3)

# All that the tests run.
tests: $(BINARIES) $(MODEL) $(UNIT) $(SEEDED) $(BUILD)/test/vfs/fault.so

ASAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
asan:
	@CC='$(CC)' CXX='$(CXX)' .ci/deps install build test
	@mkdir -p build && ln -sfn ../ontology build/ontology
	@$(MAKE) -s $(JOBS) tests BUILD=build/asan SANITIZE='$(ASAN)' CFLAGS='-O1 -g' CXXFLAGS='-O1 -g'
	@test/run build/asan

fuzz:
	@.ci/deps install build fuzz
	@$(MAKE) -s $(JOBS) search BUILD=build/fuzz CC=clang CXX=clang++ CFLAGS='-O1 -g' CXXFLAGS='-O1 -g' \
		SANITIZE='$(ASAN) -fsanitize=fuzzer-no-link'
	@test/fuzz/run build/fuzz $(FUZZ_RUNS) $(FUZZ)

soak:
	@FUZZ_SECONDS='$(SOAK_SECONDS)' $(MAKE) -s fuzz FUZZ_RUNS=-1

search: $(SEARCH)

# A peer of make bench that no package has: simdjson's own DOM.
$(BUILD)/bench/dom: test/bench/dom.cc | $(READY)
	@mkdir -p $(@D)
	$(CXX) $(ALL_CXXFLAGS) $(PKG_CFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs simdjson)

bench:
	@.ci/deps install build bench
	@$(MAKE) -s $(JOBS) all $(BUILD)/bench/dom
	@test/bench/run $(BUILD) $(BENCH_SECONDS)
	@test/bench/decide $(BUILD)
	@PATH="$(BUILD)/bin:$$PATH" test/bench/redact.py "$${JTOOLS_DATA:-../shared/data}"
	@test/bench/route $(BUILD)
	@test/bench/intents $(BUILD)

lint:
	@.ci/deps install build lint
	@CPPFLAGS='$(CPPFLAGS)' test/lint/run

html:
	@.ci/deps install html
	@doc/render $(BUILD)/html

C_FILES = $(wildcard lib/*/*.[ch] lib/*/*/*.[ch] lib/*/*.cc cmd/*.[ch] test/*/*.[ch])
format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run -Werror $(C_FILES)

# Where things are installed; uninstall goes through the same lists.
SHARE = $(PREFIX)/share
D = $(DESTDIR)
PAGES := $(notdir $(wildcard doc/*.[1-8]))
EXAMPLES := $(notdir $(wildcard doc/examples/*))
ONTOLOGY := $(patsubst ontology/%,%,$(wildcard ontology/*.yaml ontology/*.csv ontology/*/*.yaml))
BASH = $(SHARE)/bash-completion/completions
ZSH = $(SHARE)/zsh/site-functions
FISH = $(SHARE)/fish/vendor_completions.d
INSTALLED = $(COMMANDS:%=$(PREFIX)/bin/%) $(ONTOLOGY:%=$(SHARE)/jtools/ontology/%) \
	$(if $(MODEL),$(SHARE)/jtools/ontology/intents.model) \
	$(foreach p,$(PAGES),$(SHARE)/man/man$(subst .,,$(suffix $(p)))/$(p)) \
	$(EXAMPLES:%=$(SHARE)/doc/jtools/examples/%) \
	$(if $(wildcard completions/jtools.bash),$(BASH)/jtools $(COMMANDS:%=$(BASH)/%)) \
	$(if $(wildcard completions/_jtools),$(ZSH)/_jtools) \
	$(if $(wildcard completions/jtools.fish),$(FISH)/jtools.fish $(COMMANDS:%=$(FISH)/%.fish))

install: all
	@set -e; put() { install -d "$${3%/*}"; install -m $$1 "$$2" "$$3"; }; \
	for c in $(COMMANDS); do put 755 $(BUILD)/bin/$$c '$(D)$(PREFIX)'/bin/$$c; done; \
	for f in $(ONTOLOGY); do put 644 ontology/$$f '$(D)$(SHARE)'/jtools/ontology/$$f; done; \
	$(if $(MODEL),put 644 $(MODEL) '$(D)$(SHARE)'/jtools/ontology/intents.model;) \
	for p in $(PAGES); do put 644 doc/$$p '$(D)$(SHARE)'/man/man$${p##*.}/$$p; done; \
	for e in $(EXAMPLES); do put 644 doc/examples/$$e '$(D)$(SHARE)'/doc/jtools/examples/$$e; done; \
	if [ -f completions/jtools.bash ]; then \
		put 644 completions/jtools.bash '$(D)$(BASH)'/jtools; \
		for c in $(COMMANDS); do ln -sf jtools '$(D)$(BASH)'/$$c; done; fi; \
	if [ -f completions/_jtools ]; then put 644 completions/_jtools '$(D)$(ZSH)'/_jtools; fi; \
	if [ -f completions/jtools.fish ]; then \
		put 644 completions/jtools.fish '$(D)$(FISH)'/jtools.fish; \
		for c in $(COMMANDS); do ln -sf jtools.fish '$(D)$(FISH)'/$$c.fish; done; fi

# Folders that are ours alone go with what was in them.
uninstall:
	@for f in $(INSTALLED); do rm -f "$(D)$$f"; done
	@for d in $(sort $(dir $(ONTOLOGY))) ./; do rmdir '$(D)$(SHARE)'/jtools/ontology/$$d 2>/dev/null; done; \
		rmdir '$(D)$(SHARE)/jtools/ontology' '$(D)$(SHARE)/jtools' '$(D)$(SHARE)/doc/jtools/examples' \
			'$(D)$(SHARE)/doc/jtools' 2>/dev/null; true

clean:
	rm -rf $(BUILD)

.PHONY: all tests search deps demo test asan fuzz soak bench lint html format format-check install uninstall clean
.SECONDARY:
-include $(LIB_O:.o=.d) $(TOOL_O:.o=.d) $(ANSWER_O:.o=.d) $(COMMANDS:%=$(BUILD)/cmd/%.d) $(UNIT:%=%.d) $(SEEDED:%=%.d) $(BUILD)/test/fuzz/main.d

# jtools: make, make demo, make test, make lint, make asan, make bench, make fuzz, make install
CC ?= cc
CXX ?= c++
ifeq ($(origin CC),default)
CC = cc
endif
ifeq ($(origin CXX),default)
CXX = $(if $(findstring clang,$(CC)),clang++,c++)
endif
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
PKG_CONFIG ?= pkg-config

PACKAGES = sqlite3 yaml-0.1 gmime-3.0 simdjson libpcre2-8 libutf8proc libcrypto libxml-2.0
CFLAGS ?= -O2 -g
CXXFLAGS ?= $(CFLAGS)
WARN = -Wall -Wextra -Wshadow -Wpointer-arith -Wvla -Wundef
CWARN = -Wstrict-prototypes -Wmissing-prototypes
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
LDLIBS += $(PKG_LIBS) -lphonenumber -lcsv -lm

COMMANDS := $(patsubst cmd/%.c,%,$(wildcard cmd/j*.c))
LIB_C := $(wildcard lib/*/*.c lib/*/*/*.c)
LIB_CC := $(wildcard lib/*/*.cc lib/*/*/*.cc)
LIB_O := $(LIB_C:%.c=$(BUILD)/%.o) $(LIB_CC:%.cc=$(BUILD)/%.cc.o)
LIB = $(BUILD)/libjtools.a
BINARIES := $(COMMANDS:%=$(BUILD)/bin/%)

all: $(BINARIES)

TOOL_O = $(BUILD)/cmd/tool.o

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(TOOL_O) $(LIB)
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) $(SANITIZE) -o $@ $< $(TOOL_O) $(LIB) $(LDLIBS)

$(LIB): $(LIB_O)
	$(AR) rcs $@.new $(LIB_O) && mv $@.new $@

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.cc.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

clean:
	rm -rf $(BUILD)

.PHONY: all clean
.SECONDARY:
-include $(LIB_O:.o=.d) $(TOOL_O:.o=.d) $(COMMANDS:%=$(BUILD)/cmd/%.d)

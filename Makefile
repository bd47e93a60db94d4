# SPDX-License-Identifier: MIT
# sshkeep: the only Makefile.  `make audit` and `make test` are all a new user needs.

CC ?= cc
# For what runs while building; differs from CC in a cross build.
CC_FOR_BUILD ?= $(CC)
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/sshkeep
DESTDIR ?=
PKG_CONFIG ?= pkg-config
INSTALL ?= install
MODE ?= release
V ?= 0
CI ?=

Q := $(if $(filter 1,$(V)),,@)
VERSION := $(shell cat VERSION)
B := build/$(MODE)
# The plain `make` leaves the program where the README says.
PROG := $(if $(filter release,$(MODE)),build/sshkeep,$(B)/sshkeep)

try = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>/dev/null && echo '$(1)')
GCC := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),,1)

# How many random configs tests/oracle/random.sh compares and tests/fix/minimal.sh fixes, and their seed: all of them with
# gcc, some others with clang and under the sanitizers (slow).  CLIENT=n SERVER=n FIX=n SEED=n on the command line override.
RANDOM_RUN := $(if $(filter release,$(MODE)),$(if $(GCC),20000 1 10000,2000 2 500),1000 3 150)
CLIENT ?= $(word 1,$(RANDOM_RUN))
SERVER ?= $(word 1,$(RANDOM_RUN))
SEED ?= $(word 2,$(RANDOM_RUN))
FIX ?= $(word 3,$(RANDOM_RUN))
# The same for tests/write: kills, races, and which part of the injected faults (every n-th); make check takes CHECK_RUN.
WRITER_RUN := $(if $(filter release,$(MODE)),$(if $(GCC),2000 200 1,500 50 3),200 20 9)
KILLS ?= $(word 1,$(WRITER_RUN))
RACES ?= $(word 2,$(WRITER_RUN))
FAULT_STEP ?= $(word 3,$(WRITER_RUN))
# Which variants of the lab tests/e2e measures: all with gcc, one of each kind later.  So with the sizes of tests/lint.
E2E ?= $(if $(filter release,$(MODE)),$(if $(GCC),all,few),few)
HOSTILE ?= $(if $(filter release,$(MODE)),$(if $(GCC),all,few),few)
# tests/oracle/values.sh asks the real programs of every n-th line: each once with gcc.
VALUES ?= $(if $(filter release,$(MODE)),$(if $(GCC),1,5),7)
# How many random configs of each side tests/oracle/late.sh asks them about.
LATE ?= $(if $(filter release,$(MODE)),$(if $(GCC),200,40),20)
CHECK_RUN := KILLS=60 RACES=5 FAULT_STEP=19
export CLIENT SERVER FIX SEED KILLS RACES FAULT_STEP E2E HOSTILE VALUES LATE

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla \
	-Wnull-dereference -Wswitch-enum -Wimplicit-fallthrough \
	$(if $(GCC),-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wjump-misses-init)
ifneq ($(CI)$(filter debug asan fuzz,$(MODE)),)
WARN += -Werror
endif
HARDEN_C := -fstack-protector-strong $(call try,-fstack-clash-protection) $(call try,-fcf-protection=full) -fPIE \
	$(call try,-ftrivial-auto-var-init=zero)
HARDEN_L := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
MODE_release := $(HARDEN_C) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
MODE_debug := -O0
MODE_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
MODE_coverage := -O0 --coverage
MODE_fuzz := -O1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK_release := $(HARDEN_L)
LINK_asan := -fsanitize=address,undefined
LINK_coverage := --coverage
LINK_fuzz := -fsanitize=address,undefined

OWN_C = -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc -I$(B)/gen $(WARN) $(MODE_$(MODE)) -MMD -MP
# Small libraries are linked in where the compiler finds an archive of them: the dynamic linker takes longer over three
# of them than an audit over its rules.  STATIC=no, for a distribution that mends a library in one place, links none in.
STATIC ?= yes
archive = $(if $(filter yes,$(STATIC)),$(filter /%,$(shell $(CC) -print-file-name=lib$(1).a)))
LIBS = $(eval LIBS := $(foreach l,$(shell $(PKG_CONFIG) --libs inih libmd libmnl yaml-0.1),$(or $(if $(filter \
	-l%,$(l)),$(call archive,$(l:-l%=%))),$(l))))$(LIBS)
INC = $(shell $(PKG_CONFIG) --cflags inih libmd libmnl yaml-0.1)

SRC := $(sort $(wildcard src/*/*.c))
OBJ := $(SRC:src/%.c=$(B)/%.o) $(B)/gen/embedded.o
RULES := $(sort $(wildcard rules/*.ini))
LIB := $(B)/libsshkeep.a
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/tests/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
# Seconds a target; main() is libFuzzer's in MODE=fuzz, else it replays kept inputs.
FUZZ_SECONDS ?= 600
FUZZ_MAIN := $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer,tests/fuzz/replay.c)
LIBTEST := $(patsubst tests/lib/%.c,$(B)/tests/%,$(sort $(wildcard tests/lib/*.c)))

.PHONY: all audit test check check-unit check-golden check-formats check-lint check-write check-fix check-oracle check-fuzz check-e2e check-man check-layers \
	check-headers golden-update fuzz lint analyze bench coverage install uninstall dist distcheck clean \
	deps-build deps-test deps-lint deps-fuzz

all: $(PROG)

audit: deps-build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PROG) audit --exit-zero

test: deps-test
	$(Q)$(MAKE) --no-print-directory all tests-built
	$(Q)MODE=$(MODE) PROG=$(PROG) BUILD=$(B) CI=$(CI) tests/run.sh unit golden formats lint write fix fuzz oracle man layers headers e2e

check: all tests-built
	$(Q)$(CHECK_RUN) MODE=$(MODE) PROG=$(PROG) BUILD=$(B) CI=$(CI) tests/run.sh unit golden formats write layers headers

check-unit check-golden check-formats check-lint check-write check-fix check-oracle check-fuzz check-e2e check-man check-layers check-headers: all tests-built
	$(Q)MODE=$(MODE) PROG=$(PROG) BUILD=$(B) CI=$(CI) tests/run.sh $(@:check-%=%)

golden-update: all
	$(Q)MODE=$(MODE) PROG=$(PROG) BUILD=$(B) UPDATE=1 tests/golden/run.sh

.PHONY: tests-built
tests-built: $(UNIT) $(LIBTEST) $(FUZZ)

fuzz: deps-fuzz
	$(Q)$(MAKE) --no-print-directory MODE=fuzz CC=clang fuzz-built
	$(Q)BUILD=build/fuzz tools/fuzz.sh $(FUZZ_SECONDS)

.PHONY: fuzz-built
fuzz-built: $(FUZZ)

deps-build deps-test deps-lint deps-fuzz:
	$(Q)tools/deps.sh $(@:deps-%=%)

$(B)/gen/embed: tools/embed.c $(wildcard src/base/*.[ch])
	@mkdir -p $(@D)
	$(Q)$(CC_FOR_BUILD) -std=c11 -O1 -D_POSIX_C_SOURCE=200809L -Isrc $(WARN) $(INC) -o $@ $(filter %.c,$^) \
	    $(shell $(PKG_CONFIG) --libs inih) -lm

$(B)/gen/embedded.c: $(RULES) $(B)/gen/embed
	$(Q)$(B)/gen/embed $(RULES) > $@.tmp && mv $@.tmp $@

$(B)/gen/embedded.o: $(B)/gen/embedded.c src/base/ini_pack.h
	$(Q)$(CC) $(OWN_C) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/%.o: src/%.c Makefile VERSION
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  CC $<")
	$(Q)$(CC) $(OWN_C) -include src/base/banned.h -DSSHKEEP_VERSION='"$(VERSION)"' $(INC) $(CPPFLAGS) $(CFLAGS) \
	    -c -o $@ $<

$(LIB): $(OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $(OBJ)

$(PROG): $(B)/main.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(MODE_$(MODE)) $(CFLAGS) $(LINK_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS) -lm

$(B)/tests/%: tests/unit/%.c $(LIB) tests/lib/t.h
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  CC $<")
	$(Q)$(CC) $(OWN_C) -Itests/lib $(CPPFLAGS) $(CFLAGS) $(LINK_$(MODE)) -o $@ $< $(LIB) $(LIBS) \
	    $(shell $(PKG_CONFIG) --libs --cflags cmocka) -lm

$(B)/tests/%: tests/lib/%.c $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(OWN_C) -Itests/lib $(CPPFLAGS) $(CFLAGS) $(LINK_$(MODE)) -o $@ $< $(LIB) $(LIBS) -lm

$(B)/tests/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  CC $<")
	$(Q)$(CC) $(OWN_C) -Itests/fuzz $(CPPFLAGS) $(CFLAGS) $(LINK_$(MODE)) -o $@ $< $(FUZZ_MAIN) $(LIB) $(LIBS) -lm

lint: deps-lint
	$(Q)$(MAKE) --no-print-directory $(B)/gen/embedded.c
	$(Q)BUILD=$(B) tools/lint.sh

# Report only: the analyzer of gcc 12 has false positives.
analyze:
	$(Q)for f in $(SRC); do $(CC) $(OWN_C) -DSSHKEEP_VERSION='""' $(INC) -fanalyzer -c -o /dev/null $$f; done

# Ratios beside ssh and cat, in one run on inputs of its own (BENCHMARKS.md); BENCH=--only=audit,lint for a part.
BENCH ?=
bench: all
	$(Q)python3 tools/bench.py $(BENCH) $(PROG)

coverage:
	$(Q)$(MAKE) --no-print-directory MODE=coverage check
	$(Q)find build/coverage -name '*.gcda' | xargs gcov -n 2>/dev/null | tail -n 1

install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(DATADIR)/rules
	$(INSTALL) -m 755 $(PROG) $(DESTDIR)$(BINDIR)/sshkeep
	$(INSTALL) -m 644 man/sshkeep.1 $(DESTDIR)$(MANDIR)/man1/
	$(INSTALL) -m 644 man/sshkeep-rules.5 $(DESTDIR)$(MANDIR)/man5/
	$(INSTALL) -m 644 $(RULES) $(DESTDIR)$(DATADIR)/rules/

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/sshkeep $(DESTDIR)$(MANDIR)/man1/sshkeep.1 $(DESTDIR)$(MANDIR)/man5/sshkeep-rules.5
	rm -rf $(DESTDIR)$(DATADIR)

dist:
	$(Q)mkdir -p build
	$(Q)git archive --format=tar.gz --prefix=sshkeep-$(VERSION)/ -o build/sshkeep-$(VERSION).tar.gz HEAD
	@echo build/sshkeep-$(VERSION).tar.gz

# The tarball builds, passes the quick tests and installs; its changelog speaks of this version.
distcheck: dist
	$(Q)grep -q '^## $(VERSION)' CHANGELOG.md || { echo "CHANGELOG.md has no entry for $(VERSION)"; exit 1; }
	$(Q)rm -rf build/distcheck && mkdir -p build/distcheck
	$(Q)tar -xzf build/sshkeep-$(VERSION).tar.gz -C build/distcheck
	$(Q)$(MAKE) -C build/distcheck/sshkeep-$(VERSION) check
	$(Q)$(MAKE) -C build/distcheck/sshkeep-$(VERSION) install DESTDIR=$(CURDIR)/build/distcheck/root
	$(Q)build/distcheck/root$(BINDIR)/sshkeep --version

clean:
	rm -rf build

-include $(OBJ:.o=.d) $(B)/main.d $(UNIT:=.d) $(LIBTEST:=.d)

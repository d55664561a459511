#!/usr/bin/env bats
# make html: the manual in a browser.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit 1
	command -v mandoc >/dev/null || return 0
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$BATS_TEST_DIRNAME/.." html BUILD="$PWD"
}

setup() {
	command -v mandoc >/dev/null || skip "no mandoc here"
	cd "$BATS_FILE_TMPDIR/html"
}

@test "make html gives every page of the manual, and an index that leads to all of them" {
	(cd "$TOP/doc" && ls -- *.[157]) >pages
	sed 's/$/.html/' pages | diff - <(ls -- *.[157].html)
	grep -oE 'href="[^"]*\.html"' index.html | cut -d '"' -f 2 | sort | diff <(sed 's/$/.html/' pages | sort) -
	while read -r page; do
		grep -qF "$(sed -n 's/^\.Nd //p' "$TOP/doc/$page")" index.html || { echo "$page"; return 1; }
	done <pages
}

@test "one reads from page to page, from the overview to the last and back" {
	local page=jtools.7.html n=1 next

	while next=$(sed -n 's/.*href="\([^"]*\)" rel="next".*/\1/p' "$page"); [ -n "$next" ]; do
		grep -qF "href=\"$page\" rel=\"prev\"" "$next"
		page=$next
		n=$((n + 1))
	done
	[ "$n" -eq "$(ls -- *.[157].html | wc -l)" ]
}

@test "the manual in a browser is sound HTML, and every link of it leads somewhere" {
	python3 - *.html <<-'END'
	import os, sys
	from html.parser import HTMLParser
	EMPTY = {'meta', 'link', 'br', 'hr'}
	ELSEWHERE = 'https://manpages.debian.org/'
	class Page(HTMLParser):
	    def __init__(self, name):
	        super().__init__()
	        self.name, self.open, self.ids, self.links = name, [], set(), set()
	        with open(name, encoding='utf-8') as f:
	            self.feed(f.read())
	        assert not self.open, (name, self.open)
	    def handle_starttag(self, tag, attrs):
	        if tag not in EMPTY:
	            self.open.append(tag)
	        for name, value in attrs:
	            if name == 'id':
	                assert value not in self.ids, (self.name, value)
	                self.ids.add(value)
	            if name in ('href', 'src'):
	                self.links.add(value)
	    def handle_endtag(self, tag):
	        if tag not in EMPTY:
	            assert self.open and self.open.pop() == tag, (self.name, tag, self.getpos())
	pages = {name: Page(name) for name in sys.argv[1:]}
	for page in pages.values():
	    for link in page.links:
	        file, _, part = link.partition('#')
	        if link.startswith(ELSEWHERE):
	            assert not link.startswith(ELSEWHERE + 'j'), (page.name, link)
	        else:
	            assert not file or os.path.exists(file), (page.name, link)
	            assert not part or part in pages[file or page.name].ids, (page.name, link)
	END
}

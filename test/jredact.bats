#!/usr/bin/env bats
# jredact: personal data out of records.
bats_require_minimum_version 1.5.0
load helper

setup() {
	printf 'a key that is long enough\n' >key
}

# event TEXT [MEMBERS]: a customer's message; MEMBERS are more of data, with a comma before them
event() {
	printf '{"specversion":"1.0","id":"1","source":"chat/t","type":"message","time":"2026-03-02T14:05:10Z","direction":"in","actor":"customer","data":{"text":"%s"%s}}\n' "$1" "${2-}"
}

# said ARG... : the text of the record on stdin, redacted
said() {
	jredact -q "$@" | jq -r .data.text
}

# is GOT WANTED
is() {
	[ "$1" = "$2" ] || {
		printf 'got    %s\nwanted %s\n' "$1" "$2"
		false
	}
}

@test "jredact masks what a text shows by its form or the words around it" {
	cat >both <<-'END'
		write to ann.lee+x@mail.example.|write to [email].
		ann (at) mail [dot] example|[email]
		ann at mail dot example|[email]
		call +55 11 91234-5678 now|call [phone] now
		(212) 555-0123|[phone]
		my phone is 5550123|my phone is [phone]
		4111 1111 1111 1111|[card]
		4111 1111 1111 1112|4111 1111 1111 1112
		CPF 529.982.247-25|CPF [document]
		52998224725|[document]
		52998224726|52998224726
		11.222.333/0001-81|[document]
		DNI 12345678Z|DNI [document]
		X1234567L|[document]
		078-05-1120|[document]
		IBAN GB82 WEST 1234 5698 7654 32 please|IBAN [iban] please
		GB82 WEST 1234 5698 7654 33|GB82 WEST 1234 5698 7654 33
		from 192.0.2.17 and 2001:db8::7|from [ip] and [ip]
		https://x.example/a?token=abc&q=1|https://x.example/a?token=[url]&q=1
		my name is Ann Lee and|my name is [name] and
		meu nome é Ana de Souza|meu nome é [name]
		me llamo José Ibáñez.|me llamo [name].
		Mr. Smith called|Mr. [name] called
		born on 12/03/1985|born on [birth_date]
		nasci em 12 de março de 1985|nasci em [birth_date]
		moro na Rua das Flores, 123|moro na [address]
		at 1204 Marigold Ave, please|at [address], please
		vivo en Calle de la Albahaca 58|vivo en [address]
		CEP 01310-100|CEP [postal_code]
		account number 00123456|account number [account]
		my name is john smith and i want|my name is [name] and i want
		my name is not on the list|my name is not on the list
		meu nome está errado|meu nome está errado
		mi nombre es juan perez y quiero|mi nombre es [name] y quiero
		soy María José García|soy [name]
		aqui quem fala é o João Silva|aqui quem fala é o [name]
		I'm John Smith|I'm [name]
		I AM VERY ANGRY|I AM VERY ANGRY
		Regards, John Smith|Regards, [name]
		meu usuário é ana_lima|meu usuário é [account]
		https://facebook.com/john.smith.99|https://facebook.com/[url]
		https://x.com/johnny_s/status/1|https://x.com/[url]/status/1
		https://www.facebook.com/sharer/x|https://www.facebook.com/sharer/x
		https://wa.me/5511912345601|https://wa.me/[phone]
	END
	while IFS='|' read -r text _; do
		event "$text"
	done <both | said >out
	diff <(cut -d '|' -f 2 both) out
}

@test "jredact leaves what is nobody's, byte for byte" {
	cat >in <<-'END'
		{"specversion":"1.0", "id":"1","source":"s","type":"t","time":"2026-03-02T14:05:10Z","data":{"text":"It costs 1.234.567,00 on 12/03/2026 at 10:30, order 3348917502, LC-240228, v1.2.3 build 20260302","ext":{"n":1772460310000,"x":1.10}}}
	END
	jredact -q in | cmp - in
}

@test "jredact removes a name that the record gives wherever it stands" {
	event 'Sou o JOSE, o maria ibanez: José-Maria Ibáñez? joseph, jose@' ',"name":"José Maria Ibáñez","subject":"Jose\u0301","agent":"jose"' >in
	is "$(said <in)" 'Sou o [name], o maria ibanez: [name]? joseph, [name]@'
	is "$(jredact -q in | jq -r '.data | .subject, .name, .agent' | paste -sd ' ')" '[name] [name] jose'
}

@test "jredact leaves roles and particles that stand in a name" {
	is "$(event 'the customer will call the bot, a van came' ',"name":"Web Customer van der Bot"' | said)" \
		'the customer will call the bot, a van came'
}

@test "jredact tells who introduces herself from who is greeted" {
	is "$(event 'Hi Carla, my name is Ann.' | said)" 'Hi Carla, my name is [name].'
	is "$(event 'Hi Ann, my name is Carla.' | sed 's/"in"/"out"/' | said)" 'Hi [name], my name is Carla.'
	is "$(event 'Hi Ann, my name is Carla.' | said --agents)" 'Hi [name], my name is [name].'
}

@test "nothing of what was planted survives, masked or as tokens" {
	jgen -q -n 40 | "$TOP/test/plant.py" secrets >planted
	run -1 "$TOP/test/plant.py" --look secrets <planted
	jredact -q planted >masked
	"$TOP/test/plant.py" --look secrets <masked
	jredact -q -k key planted >tokens
	"$TOP/test/plant.py" --look secrets <tokens
	jlog -d j.db append -q tokens >/dev/null
	[ "$(jlog -d j.db cat -q | wc -l)" = 40 ]
}

@test "figures over tokens are those over the records" {
	jgen -q -c 60 >in
	jredact -q -k key in >tokens
	run ! cmp -s in tokens
	jlog -d a.db append -q in >/dev/null
	jlog -d b.db append -q tokens >/dev/null
	for db in a b; do
		jlog -d $db.db info | sed '/^bytes/d' >$db.info
		jmetrics -d $db.db -q -o ndjson | jq -c 'del(.as_of, .known)' |
			sed 's/"[a-z_]*":"2026-1[0-9]-[^"]*"//' >$db.out
	done
	diff a.info b.info
	[ "$(wc -l <a.out)" -gt 30 ]
	diff a.out b.out
}

@test "figures over tokens of exports that quote, greet us by name and refer to cases are those over the records" {
	(cd "$TOP" && jnorm -q fixtures/demo/*) | jintent -q >in
	grep -q '"type":"commitment.made"' in
	jredact -q -k key in >tokens
	jlog -d a.db append -q in >/dev/null
	jlog -d b.db append -q tokens >/dev/null
	for db in a b; do
		jmetrics -d $db.db -q -o ndjson --as-of 2026-05-01 | jq -c 'del(.as_of, .known)' >$db.out
	done
	[ "$(wc -l <a.out)" -gt 30 ]
	diff a.out b.out
}

@test "a source that has a word of somebody's name in it stays, and what refers to a record has that record's token" {
	printf '%s\n' '{"specversion":"1.0","id":"m1","source":"email/lume","type":"message","time":"2026-03-02T14:05:10Z","session":"T-77","direction":"out","actor":"agent","data":{"text":"Dear Lume Casa, it is done"}}' \
		'{"specversion":"1.0","id":"m2","source":"email/lume","type":"commitment.made","time":"2026-03-02T14:05:10Z","session":"x","data":{"event":"m1","case":"T-77"}}' >in
	jredact -q -k key in >tokens
	run ! grep -q Casa tokens
	is "$(jq -r .source tokens | sort -u)" email/lume
	is "$(jq -r 'select(.data.event) | .data.event, .data.case' tokens)" \
		"$(jq -r 'select(.data.text) | .id, .session' tokens)"
}

@test "a token is the same for all spellings, in all files, and another by another key" {
	event '+55 11 91234-5678; (11) 91234-5678; 11912345678; +5511912345678' ',"region":"BR"' >in
	is "$(said -k key <in | tr ';' '\n' | tr -d ' ' | sort -u | wc -l)" 1
	is "$(event 'https://wa.me/5511912345678 or +5511912345678' | said -k key | grep -o 'phone:[0-9a-f]*' | sort -u | wc -l)" 1
	event 'Born on 12/03/1985, born on March 12, 1985, nasci em 12 de março de 1985' >dates
	is "$(said -k key <dates | grep -o 'birth_date:[0-9a-f]*' | sort -u | wc -l)" 1
	is "$(event 'x@Mail.Example' | said -k key)" "$(event 'X@mail.example' | said -k key)"
	printf 'another key of some length' >other
	[ "$(said -k key <in)" != "$(said -k other <in)" ]
	[[ $(event 'x@mail.example' | said -k key) =~ ^email:[0-9a-f]{24}$ ]]
}

@test "a token is the HMAC that another library makes of the same key" {
	# The kind and the value, each behind its length as eight bytes.
	want=$(printf '\0\0\0\0\0\0\0\005email\0\0\0\0\0\0\0\016x@mail.example' |
		python3 -c 'import hmac, sys; print(hmac.new(b"a key that is long enough", sys.stdin.buffer.read(), "sha256").hexdigest()[:24])')
	is "$(event 'x@mail.example' | said -k key)" "email:$want"
}

@test "what an earlier run wrote stays as it is" {
	jgen -q -n 300 >in
	jredact -q -k key in >once
	jredact -q -k key once | cmp - once
	jredact -q in >once
	jredact -q once | cmp - once
}

@test "a masked identifier names nobody, and a placeholder stays what it is" {
	event x ',"identifiers":[{"kind":"phone","value":"+5511912345678"},{"kind":"phone","value":"restricted"}]' >in
	is "$(jredact -q in | jq -c .data.identifiers)" \
		'[{"kind":"placeholder","value":"[phone]"},{"kind":"phone","value":"restricted"}]'
	[[ $(jredact -q -k key in | jq -c '.data.identifiers[]' | head -n 1) == '{"kind":"phone","value":"phone:'* ]]
}

@test "without a key, ids and sessions that hold an identifier stay apart and together" {
	for i in 1 2; do
		event hi | jq -c ".id = \"w-+551191234567$i\" | .session = \"ann@mail.example\""
	done >in
	jredact -q in >out
	is "$(jq -r .id out | sort -u | wc -l)" 2
	is "$(jq -r .session out | sort -u | wc -l)" 1
	run ! grep -q '91234567\|ann@' out
	event hi >in
	jredact -q in | cmp - in
}

@test "duplicates stay duplicates" {
	event 'call +5511912345678' | jq -c '.id = "ann@mail.example"' >in
	cat in in | jredact -q | jlog -d j.db append 2>err >/dev/null
	grep -q 'duplicates 1 ' err
}

@test "members whose names became alike are numbered, and attributes keep to their letters" {
	event x ',"ext":{"+5511912345678":1,"+5511912345679":2,"[phone]":3},"a@b.example":4,"c@d.example":5' |
		jq -c '.x5511912345678 = "y" | .data.identifiers = [{"kind":"phone","value":"+5511912345678"}]' | jredact -q >out
	is "$(jq -c '.data.ext | keys' out)" '["[phone]","[phone] 2","[phone] 3"]'
	is "$(jq -c '.data | has("[email]") and has("[email] 2")' out)" true
	is "$(jq -r 'keys[] | select(startswith("x"))' out)" xphone0
	jlog -d j.db append -q out >/dev/null
}

@test "a member's name says what its value is, in nested JSON as well" {
	event x ',"ext":{"customer_name":"Ann","zip":"75227","cpf":52998224725,"product":{"name":"Ann"},"sku":"75-A","n":7,"body":"{\"phone\":\"5550123\",\"k\":[1]}"}' |
		jredact -q >out
	is "$(jq -c .data.ext out)" \
		'{"customer_name":"[name]","zip":"[postal_code]","cpf":"[document]","product":{"name":"[name]"},"sku":"75-A","n":7,"body":"{\"phone\":\"[phone]\",\"k\":[1]}"}'
}

@test "what is removed is removed from every member, be it a number, a list, a word or a moment" {
	event x ',"name":"Ann Lee","identifiers":[{"kind":"phone","value":"+5511912345678"},{"kind":"handle:x","value":"ann_77x"},{"kind":"crm","value":"120"}]' >person
	for value in 5511912345678 '[5511912345678]' '{"n":5511912345678}' '"{\"n\":5511912345678}"' '["+5511912345678"]' '"ann_77x"' '["ann_77x"]'; do
		for member in agent amount case channel currency due duration event from intent origin policies reason score signals \
			stage subject to type_x wait; do
			jq -c --argjson v "$value" ".data.$member = \$v" person
		done
	done >in
	jq -c '.type = "ann_77x"' person >>in
	jq -c '.data.identifiers += [{"kind":"placeholder","value":"5511912345678"}]' person >>in
	jq -c '.data.reason = "met.as.ann_77x"' person >>in
	jq -c '.data.identifiers += [{"kind":"handle:ann_77x","value":"b"}]' person >>in
	for keyed in '' '-k key'; do
		# shellcheck disable=SC2086 # none, or an option and its value
		jredact -q $keyed in >out
		is "$(wc -l <out)" 144
		run ! grep -n '912345678\|ann_77x' out
	done
	event x ',"identifiers":[{"kind":"Her number","value":"+5511912345678"}],"title":"Hi","ext":{"a":"ring +5511912345678"}' |
		jredact -q | jq -c '[.data.identifiers[0], .data.title, .data.ext.a]' >out
	is "$(cat out)" '[{"kind":"placeholder","value":"[customer]"},"Hi","ring [phone]"]'
	# A word of the vocabulary and a count are none of hers, whatever she is called.
	event x ',"name":"Refund","identifiers":[{"kind":"crm","value":"120"},{"kind":"handle:x","value":"message"}],"intent":"refund","duration":120,"score":120' |
		jredact -q | jq -c '[.type, .data.intent, .data.duration, .data.score]' >out
	is "$(cat out)" '["message","refund",120,120]'
	is "$(event x ',"name":5511912345678' | jredact -q | jq -c .data.name)" '"[phone]"'
	is "$(event x ',"agent":["Bob",7]' | jredact -q --agents | jq -c .data.agent)" '["[agent]","[agent]"]'
}

@test "--keep, --only and --orders say what goes" {
	event 'ann@mail.example, +5511912345678, order LC-10432' ',"name":"Ann"' >in
	is "$(said <in)" '[email], [phone], order LC-10432'
	is "$(said --keep email <in)" 'ann@mail.example, [phone], order LC-10432'
	is "$(said --only phone,order <in)" 'ann@mail.example, [phone], order [order]'
	is "$(said --only name <in)" '[name]@mail.example, +5511912345678, order LC-10432'
	is "$(said --orders <in)" '[email], [phone], order [order]'
	run -2 jredact --only phones in
	[[ $output == 'jredact: --only: no such kind: phones (name email phone '* ]]
}

@test "national numbers are those of the region" {
	is "$(event '912 345 678' | said)" '[phone]'
	is "$(event 'ring 01 42 68 53 00' | said)" 'ring 01 42 68 53 00'
	is "$(event 'ring 01 42 68 53 00' | said --region FR)" 'ring [phone]'
	is "$(event 'ring 01 42 68 53 00' ',"region":"FR"' | said)" 'ring [phone]'
	run -2 jredact --region XX /dev/null
	[ "$output" = 'jredact: no such region: XX' ]
}

@test "jredact refuses a key that is too short, or not there" {
	echo short >key
	run -2 jredact -k key /dev/null
	[ "$output" = 'jredact: key: a key has 16 to 4096 bytes' ]
	run -2 jredact -k none /dev/null
	[ "$output" = 'jredact: none: No such file or directory' ]
}

@test "a record that holds more than is looked for is rejected, and not passed on half" {
	event x ",\"identifiers\":[$(seq -f '{"kind":"crm","value":"customer-%06.0f"}' -s, 5000)]" >in
	run -65 --separate-stderr jredact --reject letters in
	[ -z "$output" ]
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *'in:1: it holds more values than are looked for'* ]]
	is "$(jq -r .reason letters)" bad_record
}

@test "short values that differ in their marks alone are all known, and a mark before one hides it not" {
	event 'a-bcde ab-cde @ann, a1-b2 or a1b-2' ',"identifiers":[{"kind":"handle","value":"a-bcde"},{"kind":"handle","value":"ab-cde"},{"kind":"handle","value":"@ann"},{"kind":"crm","value":"a1-b2"},{"kind":"crm","value":"a1b-2"}]' |
		said >out
	is "$(cat out)" '[handle] [handle] @[handle], [customer] or [customer]'
}

@test "what a record names is looked for in time that its values' number and likeness have no part in" {
	long() { awk -v s="$1" -v n="$2" 'BEGIN { while (n--) printf "%s", s }'; }
	{
		event "$(long customer- 60000)" ",\"identifiers\":[$(seq -f '{"kind":"crm","value":"customer-%06.0f"}' -s, 4000)]"
		event "$(long aA 200000)" ",\"name\":\"$(awk 'BEGIN { for (i = 3; i < 1000; i += 2) { while (length(s) < i) s = s "a"; printf "%s ", s } }')\""
		event "$(long 'a ' 200000)" ",\"identifiers\":[{\"kind\":\"phone\",\"value\":\"$(long 1 3000)\"}]"
		event x ",\"identifiers\":[{\"kind\":\"phone\",\"value\":\"$(long 1 800000)\"}]"
	} >in
	run -65 --separate-stderr timeout 8 jredact in
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *'in:4: it holds more values than are looked for'* ]]
	is "$(jq -r '.id' <<<"$output" | wc -l)" 3
}

@test "where a record has more digits than are looked up, what may be a telephone number is taken for one" {
	is "$(event "$(yes '000 0000;' | head -n 900 | paste -sd ' ')" | said --region BR | grep -o phone | wc -l)" 0
	is "$(event "$(yes '000 0000;' | head -n 6000 | paste -sd ' ') 123 4567" | said --region BR | grep -o '[0-9a-z]*' | sort -u)" phone
}

@test "what entity detection finds goes: a number of a person behind its name, and what a company's ontology says tells who somebody is" {
	is "$(event 'contribuinte: 501 964 843, obrigada' | said)" 'contribuinte: [document], obrigada'
	mkdir own
	cat >own/ontology.yaml <<-'END'
		jtools: ontology/1
		name: own
		version: "1.0.0"
		extends: base/1.x
		entities:
		  - {id: policy, title: Policy, identity: true, patterns: ['\b(PX\d{4})\b']}
		  - {id: model, title: Model, patterns: ['\b(MX\d{4})\b']}
	END
	event 'mine is px1234, of a MX1234' ',"subject":"PX-12-34"' >in
	is "$(said --ontology own <in)" 'mine is [customer], of a MX1234'
	is "$(said --ontology own --keep customer <in)" 'mine is px1234, of a MX1234'
}

@test "jredact tells what it changed, and passes a record on before it waits for the next" {
	{ event 'a@b.example'; event x; } | jredact 2>err >/dev/null
	is "$(cat err)" 'jredact: read 2 = written 2 + duplicates 0 + rejected 0 (1 changed)'
	mkfifo in out
	jredact -q <in >out 3>&- &
	exec 7>in 8<out
	event 'a@b.example' >&7
	read -r -t 10 line <&8
	is "$(jq -r .data.text <<<"$line")" '[email]'
	exec 7>&- 8<&-
	wait $!
}

#!/usr/bin/env bats
# WhatsApp's exports as telephones of many languages write them.
bats_require_minimum_version 1.5.0
load helper

setup() {
	command -v jq >/dev/null || skip "no jq here"
}

# The invisible characters of such files.
L=$'\u200e' N=$'\u00a0' NN=$'\u202f'

# said HEAD+TEXT: what one line becomes, as "time actor name: text".
said() {
	printf '%s' "$1" | jnorm -q -f whatsapp --tz UTC --self "Lume Casa" - |
		jq -r '"\(.time[0:19]) \(.actor) \(.data.name // .data.agent): \(.data.text // "")"'
}

# each PREFIX EXPECTED: every line of stdin behind the prefix gives the expected line.
each() {
	local line got n=0

	while IFS= read -r line; do
		got=$(said "$1$line")
		[ "$got" = "$2" ] || { echo "$1$line: $got" && return 1; }
		n=$((n + 1))
	done
	[ $n -gt 3 ]
}

@test "heads of many telephones say the same time and name" {
	each "" "2018-06-13T21:25:15 customer Ana: hi" <<-EOF
	13.06.18 21.25.15: Ana: hi
	[06.13.18 21:25:15] Ana: hi
	13.6.2018 klo 21.25.15 - Ana: hi
	13. 6. 2018. 21:25:15 Ana: hi
	[2018/06/13, 21:25:15] Ana: hi
	[06/2018/13, 21:25:15] Ana: hi
	${L}[13/06/2018, 9:25:15${NN}PM] Ana: hi
	[9:25:15 PM, 6/13/2018] Ana: hi
	[13/06/2561 21:25:15] Ana: hi
	2018/6/13 晚上9:25:15 - Ana: hi
	2018. 6. 13. 오후 9:25:15 - Ana: hi
	EOF
	each "" "2018-06-03T13:55:00 customer Ana: hi" <<-EOF
	3/6/18, 1:55 p.m. - Ana: hi
	03-06-2018, 01.55 PM - Ana: hi
	3/6/2018 1:55 p.${N}m. - Ana: hi
	3/6/18, 1:55${NN}PM - Ana: hi
	[3/6/18 1:55:00 p. m.] Ana: hi
	03.06.2018, 13:55 Uhr - Ana: hi
	3/6/2018 13:55 WIB - Ana: hi
	3.6.2018 ÖS 1:55 - Ana: hi
	03/06/2018, 1:55 CH - Ana: hi
	3/6/2018, 1:55 nm. - Ana: hi
	[13:55, 03/06/2018] Ana: hi
	٣/٦/٢٠١٨, ١:٥٥ م - Ana: hi
	EOF
	each "" "2018-06-03T00:08:00 customer Ana: hi" <<-EOF
	03/06/2018, 00:08 a. m. - Ana: hi
	3/6/2018, 12:08 a.${N}m. - Ana: hi
	3/6/2018, 0:08 - Ana: hi
	2018/6/3 凌晨12:08 - Ana: hi
	EOF
}

@test "what any telephone calls the halves of the day is read, in its digits and its year" {
	each "" "2018-06-03T21:05:00 customer Ana: hi" <<-EOF
	3.6.18, 9:05${NN}m.d. - Ana: hi
	03/06/2018 9:05 ከሰዓት - Ana: hi
	৩/৬/১৮ ৯:০৫ PM - Ana: hi
	03.06.18${NN}г., 9:05 ч. pm - Ana: hi
	03.06.18 9:05${NN}odp. - Ana: hi
	3.6.2018 9.05${NN}ip. - Ana: hi
	3/6/18, 9:05${NN}YM - Ana: hi
	2018. 06. 03. du.${NN}9:05 - Ana: hi
	3/6/18 9:05${NN}i.n. - Ana: hi
	03.06.18 9:05${NN}тк - Ana: hi
	3/6/2018, 9:05 ຫຼັງທ່ຽງ - Ana: hi
	03.06.18 9:05${NN}pēcp. - Ana: hi
	2018-06-03 09:05${NN}popiet - Ana: hi
	3.6.2018${NN}г., 9:05${NN}попл. - Ana: hi
	3. 6. 2018, 9:05${NN}pop. - Ana: hi
	2018-06-03 9:05${NN}em - Ana: hi
	03.06.18, 9:05${NN}пп - Ana: hi
	03/06/18, 9:05${NN}TK - Ana: hi
	၀၃/၀၆/၁၈ ညနေ ၉:၀၅ - Ana: hi
	2018-06-03 ප.ව. 9:05 - Ana: hi
	2018.06.03 9:05${NN}ү.х. - Ana: hi
	3.6.2018, 9:05${NN}e.h. - Ana: hi
	2018-06-03 9 h 05${NN}p.m. - Ana: hi
	2018-06-03 21 h 05 - Ana: hi
	9:05${NN}CH 3/6/18 - Ana: hi
	21:05 3/6/18 - Ana: hi
	3/6/61 21:05 - Ana: hi
	EOF
	each "" "2018-06-03T21:05:09 customer Ana: hi" <<-EOF
	[03.06.18, 9:05:09${NN}odp.] Ana: hi
	[03.06.18${NN}г., 21:05:09 ч.] Ana: hi
	[2018-06-03 9:05:09${NN}em] Ana: hi
	[2018-06-03 21 h 05 min 09 s] Ana: hi
	[18/6/3 (21:05:09)] Ana: hi
	[21:05:09 3/6/18] Ana: hi
	[3/6/2561 BE, 9:05:09 PM] Ana: hi
	EOF
	[ "$(said '21:05 3/6/18 the lorry comes - Ana: hi')" = "" ]
	# Iran's calendar, leap years and the end of the half year; the Islamic one is not read.
	[ "$(said '[۱۳۹۷/۳/۱۳, ۲۱:۰۵:۰۹] Ana: hi')" = "2018-06-03T21:05:09 customer Ana: hi" ]
	[ "$(said '[۱۴۰۳/۱۲/۳۰, ۲۱:۰۵:۰۹] Ana: hi')" = "2025-03-20T21:05:09 customer Ana: hi" ]
	[ "$(said '[۱۴۰۴/۶/۳۱, ۲۱:۰۵:۰۹] Ana: hi')" = "2025-09-22T21:05:09 customer Ana: hi" ]
	[ "$(said '[۱۴۰۴/۷/۳۱, ۲۱:۰۵:۰۹] Ana: hi')" = "" ]
	[ "$(said '[19/9/1439, 9:05:09 PM] Ana: hi' | cut -c1-4)" != 1439 ]
}

@test "a date with dots is not taken for a time, nor a time for a date" {
	[ "$(said '[2.03.26, 9.15.00] Ana: hi')" = "2026-03-02T09:15:00 customer Ana: hi" ]
	[ "$(said '13.06.18 21:25:15 Ana - Loja: hi')" != "2018-06-13T21:25:15 customer Ana: hi" ]
}

@test "what stands for media left out is no word of the customer in any language" {
	each "3/6/18, 13:55 - Ana: " "2018-06-03T13:55:00 customer Ana: " <<-EOF
	<Media omitted>
	<Mídia oculta>
	<Arquivo de mídia oculto>
	<Ficheiro não revelado>
	<Multimedia omitido>
	<Médias omis>
	<Medien ausgeschlossen>
	<Media weggelaten>
	<Multimedia pominięte>
	<Без медиафайлов>
	<Medierna har utelämnats>
	<Mediefiler er udeladt>
	<Hiányzó médiafájl>
	<メディアなし>
	<미디어 파일 생략됨>
	<省略多媒體檔案>
	<تم استبعاد الوسائط>
	EOF
	each "${L}[3/6/18, 13:55:00] Ana: $L" "2018-06-03T13:55:00 customer Ana: " <<-EOF
	image omitted
	figurinha omitida
	GIF retiré
	fiche contact omise
	scheda contatto omessa
	bild utelämnad
	obraz pominięto
	изображение пропущено
	画像は省略されました
	contrato.pdf • ${L}3 páginas ${L}documento omitido
	EOF
}

@test "an attachment's name is kept, its caption is what was said" {
	each "3/6/18, 13:55 - Ana: " "2018-06-03T13:55:00 customer Ana: " <<-EOF
	IMG-1.jpg (file attached)
	IMG-1.jpg (arquivo anexado)
	IMG-1.jpg (Datei angehängt)
	IMG-1.jpg (fichier joint)
	IMG-1.jpg (załączony plik)
	IMG-1.jpg (файл добавлен)
	IMG-1.jpg (添付ファイル)
	1-PHOTO.jpg <${L}attached>
	< attached: 1-PHOTO.jpg >
	<附件：1-PHOTO.jpg>
	Contrato (v2).pdf • 3 páginas $L<anexado: 1-Contrato (v2).pdf>
	EOF
	[ "$(said "${L}[3/6/18, 13:55:00] Ana: the lamp is broken $L<attached: 1-PHOTO.jpg>")" = \
		"2018-06-03T13:55:00 customer Ana: the lamp is broken" ]
	[ "$(said "3/6/18, 13:55 - Ana: IMG-1.jpg (file attached)"$'\n'"the lamp is broken")" = \
		"2018-06-03T13:55:00 customer Ana: the lamp is broken" ]
	[ "$(said "3/6/18, 13:55 - Ana: see <b> and <c>")" = "2018-06-03T13:55:00 customer Ana: see <b> and <c>" ]
}

@test "a line that stands for a call is a call of its author's, and who writes of one says so" {
	call() { printf '%s' "$1" | jnorm -q -f whatsapp --tz UTC --self "Lume Casa" - | jq -c '[.type, .channel, .direction, .data.reason, .data.duration, .data.text]'; }
	while IFS= read -r line; do
		[ "$(call "$line")" = '["call","voice","in","abandoned_queue",null,null]' ] || { echo "$line: $(call "$line")" && false; }
	done <<-EOF
	3/6/18, 13:55 - Ana: Missed voice call
	3/6/18, 13:55 - Ana: Voice call, No answer
	${L}[3/6/18, 13:55:00] Ana: ${L}Missed video call, ${L}Tap to call back
	${L}[3/6/18, 13:55:00] Ana: ${L}Ligação de voz perdida, ${L}Toque para retornar
	${L}[3/6/18, 13:55:00] Ana: ${L}Llamada perdida. ${L}Toca para devolver la llamada
	${L}[3/6/18, 13:55:00] Ana: ${L}Verpasster Sprachanruf, ${L}Tippe, um zurückzurufen
	${L}[3/6/18, 13:55:00] Ana: ${L}Appel vocal manqué, ${L}Appuyez pour rappeler
	${L}[3/6/18, 13:55:00] Ana: ${L}Chiamata vocale persa. ${L}Tocca per richiamare
	EOF
	[ "$(call "[3/6/18, 13:55:00] Lume Casa: ${L}Voice call, ${L}1 hr 5 min")" = '["call","voice","out","answered",3900,null]' ]
	[ "$(call "[3/6/18, 13:55:00] Lume Casa: ${L}Sprachanruf, ${L}45 Sek.")" = '["call","voice","out","answered",45,null]' ]
	[ "$(call "[3/6/18, 13:55:00] Lume Casa: ${L}Videollamada, ${L}Sin respuesta")" = '["call","voice","out","failed",null,null]' ]
	[ "$(call "[3/6/18, 13:55:00] Lume Casa: ${L}Video call. ${L}2 min • 2 joined")" = '["call","voice","out","answered",120,null]' ]
	for said in "Video call, please" "Voice call, 3 times no answer" "Missed voice calls are a pain" "Chamada de voz. Amanhã?"; do
		[ "$(call "3/6/18, 13:55 - Ana: $said")" = "[\"message\",\"whatsapp\",\"in\",null,null,\"$said\"]" ]
	done
	[ "$(call "3/6/18, 13:55 - Ana: null")" = '["message","whatsapp","in",null,null,null]' ]
}

@test "a system line that looks authored is the system's, a name that looks like one is a name" {
	local line
	while IFS= read -r line; do
		[[ $(said "3/6/18, 13:55 - $line") == "2018-06-03T13:55:00 system "* ]] || { echo "$line" && false; }
	done <<-'EOF'
	You created group "Lume: casa"
	Ana changed the subject from "Foo: bar" to "Baz: 1"
	Ana mudou o nome do grupo de “x: 1” para “y”
	Ana hat den Betreff von „x“ zu „y: z“ geändert
	Ana a changé le sujet de « x » à « y : z »
	EOF
	for name in 'Ana 🌸' '👩‍👧 Mãe' 'Dr. "Zé" Lima' "D'Ávila, Ana" 李雷 'Ana (Loja)' 'A'; do
		[ "$(said "3/6/18, 13:55 - $name: hi: you")" = "2018-06-03T13:55:00 customer $name: hi: you" ]
		[ "$(said "[3/6/18, 13:55:00] $name: hi: you")" = "2018-06-03T13:55:00 customer $name: hi: you" ]
	done
}

@test "lines that begin with a date belong to the message before" {
	printf '%s\n' "03/06/2018, 13:55 - Ana: my list" "2016-04-29 10:30:00" "12/05/2018 delivery" \
		"03/06/2018, 14:00" "03/06/2018 at 14:00: agreed" "[03/06/2018, 14:00:00] Bia: from an iPhone" "the end" >c.txt
	[ "$(jnorm -q --self L c.txt | wc -l)" -eq 1 ]
	[ "$(jnorm -q --self L c.txt | jq -r .data.text | tail -1)" = "the end" ]
}

@test "overlapping exports of one chat are logged once" {
	printf '02/03/2026, 09:15 - Ana: %s\n' one two two three >all
	printf '02/03/2026, 09:%s - Ana: two\n' 16 17 18 >>all
	f="WhatsApp Chat with Ana.txt"
	head -5 all >"$f"
	jnorm -q --self L "$f" | jlog append -q >/dev/null
	tail -n +2 all >"$f"
	run --separate-stderr bash -c 'jnorm -q --self L "$0" | jlog append >/dev/null' "$f"
	[ "$status" -eq 0 ]
	[[ $stderr == *"read 6 = written 2 + duplicates 4 + rejected 0"* ]]
	cp all "$f"
	run --separate-stderr bash -c 'jnorm -q --self L "$0" | jlog append >/dev/null' "$f"
	[[ $stderr == *"read 7 = written 0 + duplicates 7 + rejected 0"* ]]
}

@test "bytes that no text has leave whole records" {
	printf '02/03/2026, 09:15 - A\0na: h\0i\n02/03/2026, 09:16 - A\001na: bye\n' >c.txt
	run -0 bash -c 'jnorm -q --self L c.txt | jnorm -q -f records -'
	[ "${#lines[@]}" -eq 2 ]
}

@test "the published header layouts of a chat are all read" {
	F=$DATA/peer/whatstk/header_format_support.json
	[ -f "$F" ] || skip "no list of layouts at $F"
	command -v python3 >/dev/null || skip "no python3 here"
	python3 - "$F" <<-'EOF'
	import datetime, json, subprocess, sys
	start, bad = datetime.datetime(2020, 11, 28, 9, 5, 7), []
	times = [start + i * datetime.timedelta(hours=13, minutes=41, seconds=23) for i in range(60)]
	for layout in (f["format"] for f in json.load(open(sys.argv[1]))):
	    text = "\n".join(t.strftime(layout.replace("%name", "Ana")) + f" message {i}" for i, t in enumerate(times))
	    out = subprocess.run(["jnorm", "-q", "-f", "whatsapp", "--self", "L", "-"], input=text, capture_output=True, text=True).stdout
	    got = [(r["time"], r["data"]["name"], r["data"]["text"]) for r in map(json.loads, out.splitlines())]
	    want = [((t if "%S" in layout else t.replace(second=0)).strftime("%Y-%m-%dT%H:%M:%S.000Z"), "Ana", f"message {i}")
	            for i, t in enumerate(times)]
	    if got != want:
	        bad.append(layout)
	sys.exit(f"not read: {bad}" if bad else 0)
	EOF
}

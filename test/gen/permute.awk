# Renames what gives a channel away, consistently: channels within their class, sources, sessions and kinds of identifiers.
{
	gsub(/"channel":"whatsapp"/, "\"channel\":\"@1\"")
	gsub(/"channel":"email"/, "\"channel\":\"@2\"")
	gsub(/"channel":"web"/, "\"channel\":\"@3\"")
	gsub(/"channel":"voice"/, "\"channel\":\"chat\"")
	gsub(/"channel":"@1"/, "\"channel\":\"email\"")
	gsub(/"channel":"@2"/, "\"channel\":\"web\"")
	gsub(/"channel":"@3"/, "\"channel\":\"whatsapp\"")
	gsub(/"source":"whatsapp\/a"/, "\"source\":\"x1/q\"")
	gsub(/"source":"mail\/a"/, "\"source\":\"x2/q\"")
	gsub(/"source":"desk\/a"/, "\"source\":\"x3/q\"")
	gsub(/"source":"calls\/a"/, "\"source\":\"x4/q\"")
	gsub(/"session":"/, "\"session\":\"other-")
	gsub(/"kind":"phone"/, "\"kind\":\"@handle:x\"")
	gsub(/"kind":"email"/, "\"kind\":\"device\"")
	gsub(/"kind":"@handle:x"/, "\"kind\":\"handle:x\"")
	print
}

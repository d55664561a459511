# Renames what gives a channel away in what jgen makes, consistently: channels within their class, sources, sessions and kinds.
{
	gsub(/"channel":"whatsapp"/, "\"channel\":\"@1\"")
	gsub(/"channel":"email"/, "\"channel\":\"@2\"")
	gsub(/"channel":"helpdesk"/, "\"channel\":\"whatsapp\"")
	gsub(/"channel":"voice"/, "\"channel\":\"@3\"")
	gsub(/"channel":"chat"/, "\"channel\":\"voice\"")
	gsub(/"channel":"@1"/, "\"channel\":\"email\"")
	gsub(/"channel":"@2"/, "\"channel\":\"helpdesk\"")
	gsub(/"channel":"@3"/, "\"channel\":\"chat\"")
	gsub(/"source":"[a-z]+\/acme"/, "&x")
	gsub(/\/acme"x/, "/other\"")
	gsub(/"session":"/, "\"session\":\"other-")
	gsub(/"kind":"phone"/, "\"kind\":\"handle:x\"")
	gsub(/"kind":"email"/, "\"kind\":\"device\"")
	print
}

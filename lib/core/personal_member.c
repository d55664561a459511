#include "base/text.h"
#include "core/personal_part.h"

#include <stdio.h>

struct named {
	enum personal_kind kind;
	const char *words; /* blanks around each; folded letters and digits alone */
};

/* A name is one of these as a whole, or ends with it: customerEmail, contact_phone_number. */
static const struct named endings[] = {
	{PERSONAL_EMAIL, " email emailaddress mailaddress emailid correo correoelectronico "},
	{PERSONAL_PHONE,
		" phone phonenumber phoneno mobile mobilenumber mobileno cellphone cellnumber "
		"telephone telephonenumber telefone telefono celular telemovel msisdn callerid "
		"callernumber contactnumber fax faxnumber waid phonee164 "},
	{PERSONAL_CARD, " cardnumber creditcard ccnumber cardno numerocartao cartaonumero pan "},
	{PERSONAL_IBAN, " iban "},
	{PERSONAL_DOCUMENT,
		" cpf cnpj nif dni ssn socialsecurity socialsecuritynumber taxid nationalid "
		"passport passportnumber passaporte documentnumber documento numerodocumento "
		"identitynumber idcard driverlicense driverslicense "},
	{PERSONAL_BIRTH_DATE, " dob dateofbirth birthdate birthday birthdt datanascimento "
			      "datadenascimento nascimento fechanacimiento fechadenacimiento "},
	{PERSONAL_NAME,
		" firstname lastname givenname familyname surname middlename fullname displayname "
		"realname nickname customername contactname clientname username personname "
		"profilename pushname sendername authorname callername holdername cardholder "
		"accountholder recipientname requestername sobrenome nomecompleto nomecliente "
		"nomedocliente nombrecompleto apellido apellidos titular "},
	{PERSONAL_POSTAL_CODE, " zip zipcode postcode postalcode codigopostal cep "},
	{PERSONAL_ADDRESS,
		" streetaddress street street1 street2 addressline1 addressline2 addressline "
		"address1 address2 fulladdress postaladdress shippingaddress billingaddress "
		"homeaddress deliveryaddress endereco morada logradouro direccion domicilio "
		"latitude longitude "},
	{PERSONAL_IP, " ipaddress remoteip clientip ipaddr remoteaddr "},
	{PERSONAL_DEVICE, " deviceid udid idfa imei advertisingid devicetoken pushtoken cookieid "
			  "visitorid browserid "},
	{PERSONAL_ACCOUNT,
		" accountnumber bankaccount accountno numeroconta routingnumber sortcode "
		"password senha contrasena "},
	{PERSONAL_CUSTOMER,
		" customerid clientid contactid memberid subscriberid customernumber "
		"clientnumber crmid clienteid idcliente requesterid personid customerno "
		"membershipnumber numerocliente "},
	{PERSONAL_ORDER, " order ordernumber orderid orderno pedido numeropedido "},
	{PERSONAL_HANDLE, " handle screenname loginname "},
};

/* As a whole alone: within another word they mean something else. */
static const struct named wholes[] = {
	{PERSONAL_EMAIL, " mail "},
	{PERSONAL_PHONE, " tel cell ani "},
	{PERSONAL_NAME, " nome nombre caller holder "},
	{PERSONAL_ADDRESS, " address rua calle lat lng lon "},
	{PERSONAL_CUSTOMER, " customer client cliente "},
	{PERSONAL_DOCUMENT, " rg nie vat document "},
	{PERSONAL_CARD, " card cartao "},
	{PERSONAL_ACCOUNT, " account login conta cuenta agencia "},
	{PERSONAL_IP, " ip "},
};

static const char people[] =
	" customer client contact user sender author from recipient requester caller lead patient "
	"member profile person visitor billing shipping buyer guest consumer owner end user "
	"enduser cliente contato contacto usuario identifiers identifier entities ext "
	"shippingaddress billingaddress address ";

/* Letters and digits of a name, folded: customer_name and customerName are one. */
static void squeeze(struct buf *out, struct str name)
{
	struct buf words = BUF_INIT;

	text_words(&words, name);
	for (size_t i = 0; i < words.len; i++)
		if (words.s[i] != ' ')
			buf_byte(out, words.s[i]);
	buf_release(&words);
}

/* The first of a word is what counts. */
static void learn(struct map *kinds, const struct named *named, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (const char *w = named[i].words + 1; *w; w += strcspn(w, " ") + 1) {
			bool fresh;
			union map_value *kind =
				map_slot(kinds, (struct str){w, strcspn(w, " ")}, &fresh);

			if (fresh)
				kind->n = named[i].kind;
		}
}

void personal_names_learn(struct personal_names *n)
{
	static const struct named persons = {PERSONAL_NAME, people};

	learn(&n->endings, endings, sizeof(endings) / sizeof(endings[0]));
	learn(&n->wholes, wholes, sizeof(wholes) / sizeof(wholes[0]));
	learn(&n->people, &persons, 1);
}

void personal_names_release(struct personal_names *n)
{
	map_release(&n->endings);
	map_release(&n->wholes);
	map_release(&n->people);
}

/* The longest ending wins: cpfName is no CPF, accountNumber no number alone. */
static enum personal_kind kind_of(const struct personal_names *n, struct str name)
{
	const union map_value *kind = map_get(&n->wholes, name);

	for (; name.len && !kind; name.s++, name.len--)
		kind = map_get(&n->endings, name);
	return kind ? (enum personal_kind)kind->n : PERSONAL_KINDS;
}

enum personal_kind personal_names_kind(
	const struct personal_names *n, struct str name, struct str parent)
{
	enum personal_kind kind = PERSONAL_KINDS;
	struct buf squeezed = BUF_INIT, within = BUF_INIT;

	if (name.len && name.len <= 32) {
		squeeze(&squeezed, name);
		if (str_is(buf_str(&squeezed), "name")) {
			squeeze(&within, parent);
			if (!parent.len || map_get(&n->people, buf_str(&within)))
				kind = PERSONAL_NAME;
		} else {
			kind = kind_of(n, buf_str(&squeezed));
		}
	}
	buf_release(&squeezed);
	buf_release(&within);
	return kind;
}

static bool among(const char *words, const char *word, size_t len)
{
	char padded[40];
	int n = snprintf(padded, sizeof(padded), " %.*s ", (int)len, word);

	return n > 2 && (size_t)n < sizeof(padded) && strstr(words, padded);
}

bool personal_no_name(struct str word)
{
	static const char roles[] =
		" dear hi hello hey ola oi hola bom boa good buenos buenas thanks obrigado "
		"obrigada "
		"customer client consumer caller user end contact visitor guest lead requester "
		"shopper cliente usuario utilizador contato contacto visitante consumidor "
		"solicitante agent human operator advisor admin staff support team atendente "
		"agente "
		"suporte bot chatbot robot assistant assistente virtual system sistema auto "
		"unknown anonymous anonimo desconhecido none null test teste web app site online "
		"chat mobile phone email mail service the and mrs mister miss sir madam dona don "
		"dom senhor senhora sra srta senor senora sres doctor prof jun junior filho neto "
		"dos "
		"das del van von der den las los de la da do di e y there all everyone everybody "
		"again just not very here sorry sure glad happy afraid calling writing trying "
		"looking having waiting interested unable able new ";

	return among(roles, word.s, word.len);
}

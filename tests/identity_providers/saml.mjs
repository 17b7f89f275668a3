// A SAML identity provider, for tests: node saml.mjs ACCOUNTS KEY CERTIFICATE SP_METADATA
//
// ACCOUNTS is a JSON file of name IDs and their attributes (lists of text), read anew for each
// sign-in. Its page asks who one is and believes it. The first line it prints is its entity ID,
// which is the address of its metadata.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import samlify from "samlify";

const [accountsFile, key, certificate, metadata] = process.argv.slice(2);
const accounts = () => JSON.parse(readFileSync(accountsFile, "utf8"));
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Cairn's requests are not checked against the schema; what Cairn accepts is what is tested.
samlify.setSchemaValidator({ validate: async () => "not checked" });

const attribute = ([name, values]) =>
  `<saml:Attribute Name="${escaped(name)}">${values
    .map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`)
    .join("")}</saml:Attribute>`;

const fill = (idp, sp, requestId, nameId, attributes) => (template) => {
  const id = idp.entitySetting.generateID();
  const now = new Date();
  const soon = new Date(now.getTime() + 5 * 60 * 1000).toISOString();
  const acs = sp.entityMeta.getAssertionConsumerService("post");
  const statements = template
    .replace(
      "{AuthnStatement}",
      `<saml:AuthnStatement AuthnInstant="${now.toISOString()}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
    )
    .replace(
      "{Attributes}",
      `<saml:AttributeStatement>${Object.entries(attributes).map(attribute).join("")}</saml:AttributeStatement>`,
    );
  const context = samlify.SamlLib.replaceTagsByValue(statements, {
    ID: id,
    AssertionID: idp.entitySetting.generateID(),
    Destination: acs,
    Audience: sp.entityMeta.getEntityID(),
    SubjectRecipient: acs,
    NameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    NameID: nameId,
    Issuer: idp.entityMeta.getEntityID(),
    IssueInstant: now.toISOString(),
    ConditionsNotBefore: now.toISOString(),
    ConditionsNotOnOrAfter: soon,
    SubjectConfirmationDataNotOnOrAfter: soon,
    InResponseTo: requestId,
    StatusCode: samlify.Constants.StatusCode.Success,
  });
  return { id, context };
};

const body = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

const page = (title, inner) =>
  `<!doctype html><html lang="en"><title>${title}</title>${inner}</html>`;
const hidden = (name, value) => `<input type="hidden" name="${name}" value="${escaped(value)}">`;

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const sp = samlify.ServiceProvider({ metadata: readFileSync(metadata) });
  const idp = samlify.IdentityProvider({
    entityID: `${origin}/metadata`,
    privateKey: readFileSync(key),
    signingCert: readFileSync(certificate, "utf8"),
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    nameIDFormat: ["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"],
    singleSignOnService: [
      { Binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", Location: `${origin}/sso` },
    ],
    loginResponseTemplate: {
      // Its own attributes have one value each; a person is in several groups.
      context: samlify.SamlLib.defaultLoginResponseTemplate.context.replace(
        "{AttributeStatement}",
        "{Attributes}",
      ),
      attributes: [],
    },
  });

  const ask = async (url) => {
    const { extract } = await idp.parseLoginRequest(sp, "redirect", {
      query: Object.fromEntries(url.searchParams),
    });
    const state = hidden("relay", url.searchParams.get("RelayState") ?? "");
    return page(
      "Who are you?",
      `<form method="post" action="/sso">${hidden("request", extract.request.id)}${state}
      <label>Name ID <input name="who" autofocus></label><button>Sign in</button></form>`,
    );
  };

  const answer = async (form) => {
    const who = form.get("who");
    const requestId = form.get("request");
    const { context, entityEndpoint } = await idp.createLoginResponse(
      sp,
      { extract: { request: { id: requestId } } },
      "post",
      {},
      fill(idp, sp, requestId, who, accounts()[who]),
    );
    return page(
      "Going back",
      `<form method="post" action="${escaped(entityEndpoint)}">${hidden("SAMLResponse", context)}
      ${hidden("RelayState", form.get("relay"))}<button>Go on</button></form>
      <script>document.forms[0].submit()</script>`,
    );
  };

  server.on("request", async (request, response) => {
    const url = new URL(request.url, origin);
    if (url.pathname === "/metadata") {
      response.setHeader("content-type", "application/samlmetadata+xml");
      return response.end(idp.getMetadata());
    }
    if (url.pathname === "/favicon.ico") return response.writeHead(204).end();
    response.setHeader("content-type", "text/html");
    try {
      return response.end(request.method === "POST" ? await answer(await body(request)) : await ask(url));
    } catch (error) {
      response.statusCode = 400;
      return response.end(page("Wrong request", `<pre>${escaped(String(error?.stack ?? error))}</pre>`));
    }
  });
  console.log(`${origin}/metadata`);
});

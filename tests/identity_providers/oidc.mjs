// A certified OpenID provider, for tests: node oidc.mjs ACCOUNTS REDIRECT_URI…
//
// ACCOUNTS is a JSON file of subjects and their claims, read anew for each sign-in. Its page asks
// who one is and believes it. The first line it prints is its issuer.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import Provider from "oidc-provider";

const [accountsFile, ...redirectUris] = process.argv.slice(2);
const accounts = () => JSON.parse(readFileSync(accountsFile, "utf8"));

const configuration = {
  clients: [{ client_id: "cairn", client_secret: "not-shown-anywhere", redirect_uris: redirectUris }],
  claims: {
    openid: ["sub"],
    profile: ["name", "given_name", "family_name"],
    email: ["email", "email_verified"],
    groups: ["groups"],
  },
  conformIdTokenClaims: false,
  cookies: { keys: ["tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_, sub) => {
    const claims = accounts()[sub];
    return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
  },
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile email groups");
    await grant.save();
    return grant;
  },
};

const form = (uid) => `<!doctype html><html lang="en"><title>Who are you?</title>
  <form method="post" action="/who/${uid}"><label>Subject <input name="sub" autofocus></label>
  <button>Sign in</button><button name="cancel" value="1">Cancel</button></form></html>`;

const body = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const protocol = provider.callback();
  server.on("request", async (request, response) => {
    const asked = new URL(request.url, issuer).pathname.match(/^\/who\/([\w-]+)$/);
    if (!asked) return protocol(request, response);
    if (request.method === "GET") {
      response.setHeader("content-type", "text/html");
      return response.end(form(asked[1]));
    }
    const answer = await body(request);
    const result = answer.get("cancel")
      ? { error: "access_denied", error_description: "cancelled" }
      : { login: { accountId: answer.get("sub") } };
    return provider.interactionFinished(request, response, result);
  });
  console.log(issuer);
});

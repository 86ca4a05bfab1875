// A real identity provider for the tests: oidc-provider (npm, MIT) with two invented people.
// node provider.mjs <folder with node_modules> <port> <address of the hub>
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, port, hub] = process.argv.slice(2);
const require = createRequire(folder + "/x.js");
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const people = {
  ana: { email: "ana@primarie.example", email_verified: true, name: "Ana, inventată" },
  vlad: { email: "admin@comuna.example", email_verified: true, name: "Vlad, inventat" },
  dan: { email: "ana@primarie.example", email_verified: false, name: "Dan, inventat" },
};
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: "hub",
    client_secret: "only-for-tests-of-the-hub-000000000001",
    redirect_uris: [`${hub}/sign-in/provider/primarie/return`],
    post_logout_redirect_uris: [`${hub}/sign-in`],
    backchannel_logout_uri: `${hub}/sign-in/provider/primarie/back-channel`,
    backchannel_logout_session_required: true,
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ["only-for-tests"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  // The provider tells a client on loopback, which its own guard would refuse.
  fetch: (url, options) => { const { dispatcher, ...rest } = options ?? {}; return fetch(url, rest); },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));

// Passkeys: the only thing these pages need a script for. Without it passwords work all the same.
(function () {
  "use strict";
  var bytes = function (text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (sign) { return sign.charCodeAt(0); });
  };
  var text = function (buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  var post = function (path, body, form) {
    var headers = { "content-type": "application/json" };
    if (form) { headers["Punte-Form"] = form; }
    return fetch(path, { method: "POST", headers: headers, body: JSON.stringify(body), credentials: "same-origin" })
      .then(function (answer) {
        return answer.json().then(function (told) {
          if (!answer.ok) { throw new Error(told.detail || told.title); }
          return told;
        });
      });
  };
  var said = function (error) {
    var place = document.getElementById("passkey-said");
    place.textContent = error.message || "Cheia de acces nu a fost folosită";
    place.hidden = false;
  };
  var signIn = function (button) {
    post("/sign-in/passkey/question", { next: button.dataset.next }).then(function (asked) {
      var wanted = { challenge: bytes(asked.challenge), rpId: asked.domain, userVerification: "required", timeout: 120000 };
      return navigator.credentials.get({ publicKey: wanted });
    }).then(function (key) {
      return post("/sign-in/passkey", {
        id: key.id,
        client_data: text(key.response.clientDataJSON),
        authenticator_data: text(key.response.authenticatorData),
        signature: text(key.response.signature)
      });
    }).then(function (told) { location.assign(told.next); }).catch(said);
  };
  var add = function (button) {
    post("/account/passkeys/question", {}, button.dataset.form).then(function (asked) {
      return navigator.credentials.create({ publicKey: {
        challenge: bytes(asked.challenge),
        rp: { id: asked.domain, name: asked.service },
        user: { id: bytes(asked.account), name: asked.login, displayName: asked.display_name },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }, { type: "public-key", alg: -257 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: asked.known.map(function (id) { return { type: "public-key", id: bytes(id) }; }),
        attestation: "none",
        timeout: 120000
      } });
    }).then(function (key) {
      return post("/account/passkeys", {
        client_data: text(key.response.clientDataJSON),
        attestation_object: text(key.response.attestationObject)
      }, button.dataset.form);
    }).then(function () { location.assign("/account"); }).catch(said);
  };
  if (!window.PublicKeyCredential) { return; }
  var place = document.getElementById("passkey");
  if (!place) { return; }
  place.hidden = false;
  var button = place.querySelector("button");
  button.addEventListener("click", function () { if (button.id === "passkey-new") { add(button); } else { signIn(button); } });
})();

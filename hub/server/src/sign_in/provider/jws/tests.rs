use openssl::pkey::Private;
use openssl::sign::Signer;
use serde_json::json;

use super::*;

struct Issuer {
    key: PKey<Private>,
    keys: Keys,
    modulus: String,
}

fn issuer() -> Issuer {
    let rsa = Rsa::generate(2048).unwrap();
    let modulus = URL_SAFE_NO_PAD.encode(rsa.n().to_vec());
    let jwk = json!({"kty": "RSA", "kid": "k1", "use": "sig", "n": modulus, "e": "AQAB"});
    let keys = Keys::of(std::iter::once(serde_json::from_value(jwk).unwrap()));
    Issuer { key: PKey::from_rsa(rsa).unwrap(), keys, modulus }
}

fn token(header: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(&json!({"sub": "ana"})));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(sign(signed.as_bytes())))
}

fn believed(token: &str, keys: &Keys, named: &[&str]) -> Result<Map<String, Value>, String> {
    let named: Vec<String> = named.iter().map(|one| (*one).to_owned()).collect();
    Unverified::read(token).and_then(|token| token.verified(keys, &named)).map_err(|error| error.to_string())
}

fn rs256(key: &PKey<Private>, bytes: &[u8]) -> Vec<u8> {
    Signer::new(MessageDigest::sha256(), key).unwrap().sign_oneshot_to_vec(bytes).unwrap()
}

#[test]
fn a_token_signed_by_a_key_of_the_set_is_believed() {
    let issuer = issuer();
    let good = token(&json!({"alg": "RS256", "kid": "k1"}), |bytes| rs256(&issuer.key, bytes));
    assert_eq!(believed(&good, &issuer.keys, &["RS256"]).unwrap()["sub"], "ana");
    assert!(believed(&good, &issuer.keys, &[]).is_ok(), "RS256 is what a provider that names none signs with");
}

#[test]
fn a_token_cannot_choose_how_it_is_verified() {
    let issuer = issuer();
    let sign = |bytes: &[u8]| rs256(&issuer.key, bytes);
    let none = token(&json!({"alg": "none"}), |_| Vec::new());
    // The classic confusion: the public key, which everybody has, taken for a shared secret.
    let secret = PKey::hmac(issuer.modulus.as_bytes()).unwrap();
    let symmetric = token(&json!({"alg": "HS256", "kid": "k1"}), |bytes| {
        Signer::new(MessageDigest::sha256(), &secret).unwrap().sign_oneshot_to_vec(bytes).unwrap()
    });
    let other = super::tests::issuer();
    let foreign = token(&json!({"alg": "RS256", "kid": "k1"}), |bytes| rs256(&other.key, bytes));
    let brought = token(&json!({"alg": "RS256", "jwk": {"kty": "RSA", "n": other.modulus, "e": "AQAB"}}), |bytes| {
        rs256(&other.key, bytes)
    });
    let unnamed = token(&json!({"alg": "RS256", "kid": "k1"}), sign);
    let critical = token(&json!({"alg": "RS256", "kid": "k1", "crit": ["b64"]}), sign);
    let elsewhere = token(&json!({"alg": "RS256", "kid": "../../k1"}), sign);
    for (token, named) in [
        (&none, &["none", "RS256"][..]),
        (&symmetric, &["HS256", "RS256"]),
        (&foreign, &["RS256"]),
        (&brought, &["RS256"]),
        (&unnamed, &["ES256"]),
        (&critical, &["RS256"]),
        (&elsewhere, &["RS256"]),
    ] {
        assert!(believed(token, &issuer.keys, named).is_err(), "{token}");
    }
}

#[test]
fn a_token_of_elliptic_keys_is_believed_in_its_own_form_alone() {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let own = EcKey::generate(&group).unwrap();
    let (mut x, mut y, mut context) = (BigNum::new().unwrap(), BigNum::new().unwrap(), BigNumContext::new().unwrap());
    own.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context).unwrap();
    let text = |number: &BigNum| URL_SAFE_NO_PAD.encode(number.to_vec_padded(32).unwrap());
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": text(&x), "y": text(&y), "alg": "ES256"});
    let keys = Keys::of(std::iter::once(serde_json::from_value(jwk).unwrap()));
    let raw = token(&json!({"alg": "ES256"}), |bytes| {
        let signature = EcdsaSig::sign(&openssl::sha::sha256(bytes), &own).unwrap();
        [signature.r().to_vec_padded(32).unwrap(), signature.s().to_vec_padded(32).unwrap()].concat()
    });
    assert!(believed(&raw, &keys, &["ES256"]).is_ok());
    let nothing = token(&json!({"alg": "ES256"}), |_| vec![0; 64]);
    assert!(believed(&nothing, &keys, &["ES256"]).is_err(), "the signature of zeros");
}

#[test]
fn hostile_tokens_are_refused_without_harm() {
    let issuer = issuer();
    let long = format!("{}.e30.AAAA", "A".repeat(20_000));
    for text in ["", ".", "..", "...", "a.b", "e30.e30.", "e30.e30.AAAA.AAAA", &long, "eyJhbGciOiJub25lIn0.W10."] {
        assert!(believed(text, &issuer.keys, &["RS256"]).is_err(), "{text}");
    }
}

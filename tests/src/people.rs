//! People with a browser that keeps cookies and follows nothing by itself. All persons are invented.

use std::collections::BTreeMap;

use hub_flow::authorization::Grant;
use hub_flow::clock::Timestamp;
use hub_flow::identity::{Account, Seed, step_at};
use hub_server::sign_in::managing::{Desk, NewAccount, link_path};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::TestHub;

/// A password that is strong enough.
pub const PASSWORD: &str = "cal verde pe acoperiș";

/// A browser.
pub struct Browser {
    http: reqwest::Client,
    url: String,
    /// What it holds, by name.
    pub cookies: BTreeMap<String, String>,
}

/// What a browser was answered.
#[derive(Debug)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// Where it is sent.
    pub location: String,
    /// The text.
    pub text: String,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
}

impl Page {
    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// What stands between two pieces of text.
    ///
    /// # Panics
    /// It is not there.
    #[must_use]
    pub fn between(&self, before: &str, after: &str) -> String {
        let rest = self.text.split_once(before).unwrap_or_else(|| panic!("{before} is not in {}", self.text)).1;
        rest.split_once(after).unwrap_or_else(|| panic!("{after} is not in {rest}")).0.to_owned()
    }
}

impl Browser {
    /// A browser that holds nothing.
    ///
    /// # Panics
    /// No client can be made.
    #[must_use]
    pub fn of(hub: &TestHub) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { http, url: hub.running().url(), cookies: BTreeMap::new() }
    }

    /// The same browser after the hub was started again, maybe elsewhere.
    #[must_use]
    pub fn at(self, hub: &TestHub) -> Self {
        Self { cookies: self.cookies, ..Self::of(hub) }
    }

    /// A request with what the browser holds, from a page of the hub.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("origin", &self.url).header("sec-fetch-site", "same-origin")
    }

    /// A request with what the browser holds, from nowhere.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let held: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.http.request(method, format!("{}{path}", self.url)).header("cookie", held.join("; "))
    }

    /// Sends a request and keeps the cookies of the answer.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn send(&mut self, request: RequestBuilder) -> Page {
        let response = request.send().await.expect("the hub answers");
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("ASCII");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = response.headers().get("location").map(|to| to.to_str().expect("ASCII").to_owned());
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the body arrives");
        Page { status, location: location.unwrap_or_default(), text, headers }
    }

    /// Opens a page.
    pub async fn open(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    /// Sends a form.
    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    /// Asks the API as a script of our pages does.
    pub async fn api(&mut self, method: Method, path: &str, body: &Value) -> Page {
        let session = self.open("/v1/session").await.json();
        let request =
            self.request(method, path).header("Punte-Form", session["form_token"].as_str().unwrap_or_default());
        let request = request.header("idempotency-key", format!("people-{path}"));
        self.send(request.json(body)).await
    }

    /// Signs in with a password.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Page {
        self.form("/sign-in", &[("login", login), ("password", password), ("next", "/account")]).await
    }
}

/// Makes an account; answers it with the path of its link.
///
/// # Panics
/// It is refused.
pub async fn invite(hub: &TestHub, party: &str, login: &str, roles: &[&str]) -> (Account, String) {
    let new = NewAccount {
        party: party.to_owned(),
        login: login.to_owned(),
        display_name: format!("Persoană inventată {login}"),
        pseudonym: format!("f-{}", login.split('@').next().unwrap_or_default()),
        units: vec!["Registratura".to_owned(), "Urbanism".to_owned()],
        grants: roles.iter().map(|role| Grant::of(role, party)).collect(),
    };
    let desk = Desk { hub: &hub.running().hub, by: "console", link_hours: 72 };
    let (account, token, _) = desk.invite(new).await.expect("an account is made");
    (account, link_path(&token))
}

/// A person with a password and no second factor, signed in.
///
/// # Panics
/// It does not come in.
pub async fn signed_in(hub: &TestHub, party: &str, login: &str, roles: &[&str]) -> Browser {
    let (_, link) = invite(hub, party, login, roles).await;
    let mut browser = Browser::of(hub);
    let token = link.split_once("token=").expect("a token").1;
    let page = browser.form("/sign-in/invitation", &[("token", token), ("password", PASSWORD)]).await;
    if page.location == "/sign-in/enrolment" {
        enrol(hub, &mut browser).await;
    }
    assert_eq!(browser.open("/account").await.status, 200, "{page:?}");
    browser
}

/// Enrols an app where a role asks for it; answers its seed and the codes on paper.
///
/// # Panics
/// It is refused.
pub async fn enrol(hub: &TestHub, browser: &mut Browser) -> (Seed, Vec<String>) {
    let page = browser.open("/sign-in/enrolment").await;
    let seed = seed_of(&page.between("id=\"seed\">", "<"));
    let code = seed.code(step_at(hub.running().hub.clock.now()));
    let page = browser.form("/sign-in/enrolment", &[("code", &code)]).await;
    assert_eq!(page.status, 200, "{page:?}");
    let codes = page.text.split("<li class=\"code\">").skip(1);
    (seed, codes.filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect())
}

/// The code of an app at a moment, so many steps later.
#[must_use]
pub fn code(seed: &Seed, at: Timestamp, later: i64) -> String {
    seed.code(step_at(at) + later)
}

fn seed_of(base32: &str) -> Seed {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<usize> = base32
        .chars()
        .filter_map(|sign| letters.find(sign))
        .flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1))
        .collect();
    let byte =
        |index: usize| bits[index * 8..index * 8 + 8].iter().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit == 1));
    Seed(std::array::from_fn(byte))
}

/// Has what a refusal told to propose proposed by a system, and approved by a person of the institution; answers the approval.
///
/// # Panics
/// It is not approved.
pub async fn approved_by_two(hub: &TestHub, system: &crate::Client, (party, proposal): (&str, &Value)) -> String {
    let mut wanted = proposal.clone();
    wanted["reason"] = "instituția a spus că nu are documentul".into();
    let made = crate::client::ask(system.request(Method::POST, "/v1/approvals").json(&wanted)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.body["approval"].as_str().expect("an id").to_owned();
    let mut head = signed_in(hub, party, &format!("sef-{id}@hub.example"), &["head-of-unit"]).await;
    let approved = head.api(Method::POST, &format!("/v1/approvals/{id}/approve"), &serde_json::json!({})).await;
    assert_eq!(approved.status, 200, "{approved:?}");
    id
}

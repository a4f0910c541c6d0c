//! A program that calls the API with a key: no cookie, no origin, only the Bearer token. And people who may make one.
use crate::{Asking, Browser, Method, Page, Person, World};
use serde_json::{Value, json};

/// A program with its key.
#[derive(Clone)]
pub struct Program {
    browser: Browser,
    /// The key.
    pub key: String,
}

impl Program {
    /// The same program as a balancer sends it to another node.
    #[must_use]
    pub fn towards(&self, node: std::net::SocketAddr) -> Self {
        Self {
            browser: self.browser.towards(node),
            key: self.key.clone(),
        }
    }
    /// Begins a call.
    pub fn ask(&self, method: Method, path: &str) -> Asking {
        let ask = self.browser.ask(method, path).without("origin").without_cookies();
        ask.header("authorization", &format!("Bearer {}", self.key))
    }
    /// GET.
    pub async fn get(&self, path: &str) -> Page {
        self.ask(Method::GET, path).send().await
    }
    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Page {
        self.ask(Method::POST, path).json(body).send().await
    }
}

impl World {
    /// A program with this key.
    pub fn program(&self, key: &str) -> Program {
        Program {
            browser: self.browser(),
            key: key.into(),
        }
    }
    /// Gives this person an authenticator app and signs them in with it, so that they may make keys, for 15 minutes.
    ///
    /// # Panics
    /// Where the door stays shut.
    pub async fn entered_with_app(&self, person: &Person) -> Browser {
        let app = self.with_app(person).await;
        let browser = self.browser();
        person.sign_in(&browser).await;
        let code = app.code(self.clock.now());
        let page = browser.post("/sign-in/factor", &[("code", &code)]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        assert!(browser.is_signed_in().await, "{} has no session", person.email);
        browser
    }
    /// A program with a key that was just made in this browser, with these permissions.
    ///
    /// # Panics
    /// Where no key is made.
    pub async fn program_of(&self, browser: &Browser, permissions: &[&str]) -> Program {
        let wish = json!({"name": "Nightly report", "permissions": permissions});
        let made = browser.ask(Method::POST, "/api/v1/api-keys").json(&wish).send().await;
        assert_eq!(made.code(), 201, "{}", made.body);
        self.program(made.json()["key"].as_str().expect("a key"))
    }
}

//! A browser for stories: real HTTP, a cookie jar of its own, the headers that browsers send. Follows no redirect by itself.
use crate::{clock::StandingClock, jar::Cookie, jar::Jar, page::Page};
use reqwest::{
    Method,
    header::{COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, USER_AGENT},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A browser. A clone is another tab: it shares the jar.
#[derive(Clone)]
pub struct Browser {
    http: reqwest::Client,
    server: SocketAddr,
    origin: String,
    clock: StandingClock,
    jar: Arc<Mutex<Jar>>,
    agent: String,
}

impl Browser {
    /// A browser at this network address, which reaches one node and knows it by the deployment's origin.
    pub fn new(server: SocketAddr, origin: &str, from: IpAddr, clock: StandingClock) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .local_address(from)
            .no_proxy()
            .timeout(std::time::Duration::from_mins(1))
            .build()
            .expect("a client without TLS can be built");
        Self {
            http,
            server,
            origin: origin.into(),
            clock,
            jar: Arc::default(),
            agent: AGENT.into(),
        }
    }
    /// The same browser as a balancer sends it to another node.
    #[must_use]
    pub fn towards(&self, node: SocketAddr) -> Self {
        Self {
            server: node,
            ..self.clone()
        }
    }
    /// The same browser under another name.
    #[must_use]
    pub fn named(mut self, agent: &str) -> Self {
        agent.clone_into(&mut self.agent);
        self
    }
    /// The server's origin, as this browser sends it.
    pub fn origin(&self) -> &str {
        &self.origin
    }
    /// Looks into the jar, or changes it.
    pub fn jar<T>(&self, look: impl FnOnce(&mut Jar) -> T) -> T {
        look(&mut self.jar.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// The value of a cookie of ours by its short name, such as `session`.
    pub fn cookie(&self, short: &str) -> Option<String> {
        self.jar(|jar| jar.value(&format!("doorward_{short}")))
    }
    /// Puts a cookie of ours in beside what is there.
    pub fn plant(&self, short: &str, value: &str) {
        let cookie = Cookie {
            name: format!("doorward_{short}"),
            value: value.into(),
            path: "/".into(),
            ends_at: None,
        };
        self.jar(|jar| jar.put(cookie));
    }
    /// Closes the browser and opens it again.
    pub fn close(&self) {
        self.jar(Jar::close);
    }
    /// Begins a request.
    pub fn ask(&self, method: Method, path: &str) -> Asking {
        let mut headers = HeaderMap::new();
        let host = self.origin.trim_start_matches("http://").trim_start_matches("https://");
        headers.insert(HOST, HeaderValue::from_str(host).expect("a host in ASCII"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_str(&self.agent).expect("an agent in ASCII"),
        );
        if method != Method::GET && method != Method::HEAD {
            headers.insert(ORIGIN, HeaderValue::from_str(&self.origin).expect("an origin in ASCII"));
        }
        Asking {
            browser: self.clone(),
            method,
            path: path.into(),
            headers,
            body: None,
            sends_cookies: true,
        }
    }
    /// Opens a page.
    pub async fn get(&self, path: &str) -> Page {
        self.ask(Method::GET, path).send().await
    }
    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.ask(Method::POST, path).form(fields).send().await
    }
    /// Follows redirects of this server, at most five.
    ///
    /// # Panics
    /// Where there are more: a loop.
    pub async fn follow(&self, mut page: Page) -> Page {
        while page.status.is_redirection() {
            let count = page.redirects + 1;
            assert!(count <= 5, "a loop: {} leads to {} again", page.path, page.location());
            let to = page.location().to_owned();
            let to = to.strip_prefix(&self.origin).unwrap_or(&to);
            assert!(to.starts_with('/'), "{} leads away, to {to}", page.path);
            page = self.get(to).await;
            page.redirects = count;
        }
        page
    }
    /// Opens a page and goes where it leads.
    pub async fn visit(&self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }
    /// Signs in as a person would: opens the page, fills it in, sends it. Answers with the first answer, before any redirect.
    pub async fn sign_in(&self, email: &str, password: &str) -> Page {
        self.get("/sign-in").await;
        self.post("/sign-in", &[("email", email), ("password", password)]).await
    }
    /// Whether a session is open and not locked.
    pub async fn is_signed_in(&self) -> bool {
        self.get("/api/v1/me").await.status.is_success()
    }
}

/// A request in the making.
pub struct Asking {
    browser: Browser,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    sends_cookies: bool,
}

impl Asking {
    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(
            name,
            HeaderValue::from_bytes(value.as_bytes()).expect("a header's value"),
        );
        self
    }
    /// Leaves a header out, such as `origin`.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }
    /// Sends no cookie, and keeps none.
    #[must_use]
    pub fn without_cookies(mut self) -> Self {
        self.sends_cookies = false;
        self
    }
    /// A form as its body.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(fields).expect("fields of text");
        self.header("content-type", "application/x-www-form-urlencoded")
            .body(body.into_bytes())
    }
    /// JSON as its body.
    #[must_use]
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.header("content-type", "application/json")
            .body(value.to_string().into_bytes())
    }
    /// Bytes as its body.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }
    /// Sends it and reads the answer to its end.
    ///
    /// # Panics
    /// Where no answer came: the server is gone, or cut us off.
    pub async fn send(self) -> Page {
        let path = self.path.clone();
        self.try_send()
            .await
            .unwrap_or_else(|error| panic!("no answer for {path}: {error:?}"))
    }
    /// Sends it and reads a stream that need not end, until this text has come, or the stream has ended. What was read.
    ///
    /// # Panics
    /// Where neither happens in time.
    pub async fn read_until(self, text: &str, patience: std::time::Duration) -> String {
        let path = self.path.clone();
        let reading = async {
            let mut answer = self.begin().send().await.expect("an answer");
            let mut read = String::new();
            while let Ok(Some(chunk)) = answer.chunk().await {
                read.push_str(&String::from_utf8_lossy(&chunk));
                if read.contains(text) {
                    break;
                }
            }
            read
        };
        let read = tokio::time::timeout(patience, reading).await;
        read.unwrap_or_else(|_| panic!("{path} never said {text:?}"))
    }
    fn begin(&self) -> reqwest::RequestBuilder {
        let browser = &self.browser;
        let url = format!("http://{}{}", browser.server, self.path);
        let mut request = browser
            .http
            .request(self.method.clone(), url)
            .headers(self.headers.clone());
        let bare = self.path.split(['?', '#']).next().unwrap_or_default();
        if let Some(cookies) = browser
            .jar(|jar| jar.header(bare, browser.clock.now()))
            .filter(|_| self.sends_cookies)
        {
            request = request.header(COOKIE, HeaderValue::from_bytes(cookies.as_bytes()).expect("cookies"));
        }
        match &self.body {
            Some(body) => request.body(body.clone()),
            None => request,
        }
    }
    /// The same for stories in which no answer may come.
    pub async fn try_send(self) -> Result<Page, reqwest::Error> {
        let answer = self.begin().send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = answer.bytes().await?.to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let page = Page {
            path: self.path,
            status,
            headers,
            bytes,
            body,
            redirects: 0,
        };
        if self.sends_cookies {
            let now = self.browser.clock.now();
            self.browser
                .jar(|jar| page.set_cookies().into_iter().for_each(|line| jar.take(line, now)));
        }
        Ok(page)
    }
}

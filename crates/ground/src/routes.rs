//! Routes that name themselves: each says its method, path, action and who may come, so that `doorward routes --json` and the tests see every door.
use axum::{
    Extension, Router,
    handler::Handler,
    http::{Method, StatusCode},
    routing::MethodFilter,
};
use kernel::{Action, Freshness};
use serde::Serialize;

/// What stands before a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Anyone may come; the text names what it is for.
    Anyone(&'static str),
    /// A person with a session, who may do this.
    Person(Action),
    /// The same, and a locked session is let in too (unlock, sign-out).
    Locked(Action),
    /// A person with a session who proved themselves freshly and strongly enough (step-up).
    Fresh(Action, Freshness),
    /// A person who comes to add a factor: a session that lacks the one that policy demands is let in too. `Some`: freshly proved.
    Enrol(Action, Option<Freshness>),
    /// An agent, which proves its own key in the handler; the text names what it is for.
    Agent(&'static str),
    /// Health addresses: any host name.
    Health(&'static str),
}

/// One route, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RouteInfo {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{name}` for parts that vary.
    pub path: &'static str,
    /// The action's name.
    pub action: &'static str,
    /// `anyone`, `person`, `locked person`, `person without a factor`, `agent` or `health`.
    pub who: &'static str,
    /// How freshly the person must have proved themselves: `any`, `factor` or `phishing-resistant`; nothing where a session is enough.
    #[serde(
        rename = "step_up",
        skip_serializing_if = "Option::is_none",
        serialize_with = "name_of"
    )]
    pub fresh: Option<Freshness>,
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over so"
)]
fn name_of<S: serde::Serializer>(fresh: &Option<Freshness>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_some(&fresh.map(Freshness::name))
}

impl RouteInfo {
    fn new(method: &'static str, path: &'static str, guard: Guard) -> Self {
        let (action, who, fresh) = match guard {
            Guard::Anyone(what) => (what, "anyone", None),
            Guard::Person(action) => (action.name(), "person", None),
            Guard::Locked(action) => (action.name(), "locked person", None),
            Guard::Fresh(action, fresh) => (action.name(), "person", Some(fresh)),
            Guard::Enrol(action, fresh) => (action.name(), "person without a factor", fresh),
            Guard::Agent(what) => (what, "agent", None),
            Guard::Health(what) => (what, "health", None),
        };
        Self {
            method,
            path,
            action,
            who,
            fresh,
        }
    }
    /// Whether a session that lacks the factor that policy demands is let in: to add one, to unlock, to sign out.
    pub fn tolerates_missing_factor(&self) -> bool {
        self.who == "person without a factor" || self.tolerates_lock()
    }
    /// Whether a locked session is let in.
    pub fn tolerates_lock(&self) -> bool {
        self.who == "locked person"
    }
}

/// Routes with their list.
pub struct Routes<S = ()> {
    router: Router<S>,
    list: Vec<RouteInfo>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self {
            router: Router::new(),
            list: Vec::new(),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// GET (and with it HEAD).
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &'static str, guard: Guard, handler: H) -> Self {
        self.on("GET", MethodFilter::GET, path, guard, handler)
    }
    /// POST.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &'static str, guard: Guard, handler: H) -> Self {
        self.on("POST", MethodFilter::POST, path, guard, handler)
    }
    /// PUT.
    #[must_use]
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: &'static str, guard: Guard, handler: H) -> Self {
        self.on("PUT", MethodFilter::PUT, path, guard, handler)
    }
    /// PATCH.
    #[must_use]
    pub fn patch<H: Handler<T, S>, T: 'static>(self, path: &'static str, guard: Guard, handler: H) -> Self {
        self.on("PATCH", MethodFilter::PATCH, path, guard, handler)
    }
    /// DELETE.
    #[must_use]
    pub fn delete<H: Handler<T, S>, T: 'static>(self, path: &'static str, guard: Guard, handler: H) -> Self {
        self.on("DELETE", MethodFilter::DELETE, path, guard, handler)
    }
    fn on<H: Handler<T, S>, T: 'static>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        path: &'static str,
        guard: Guard,
        handler: H,
    ) -> Self {
        let info = RouteInfo::new(method, path, guard);
        self.list.push(info);
        self.router = self
            .router
            .route(path, axum::routing::on(filter, handler).layer(Extension(info)));
        self
    }
    /// Every other method of this path is as if there were no such path, instead of 405.
    #[must_use]
    pub fn nothing_else(mut self, path: &'static str) -> Self {
        self.router = self
            .router
            .route(path, axum::routing::any(async || StatusCode::NOT_FOUND));
        self
    }
    /// Gives the routes their state.
    pub fn with_state<S2: Clone + Send + Sync + 'static>(self, state: S) -> Routes<S2> {
        Routes {
            router: self.router.with_state(state),
            list: self.list,
        }
    }
    /// Both.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.list.extend(other.list);
        self
    }
    /// The list of all.
    pub fn list(&self) -> &[RouteInfo] {
        &self.list
    }
    /// The router and the list.
    pub fn into_parts(self) -> (Router<S>, Vec<RouteInfo>) {
        (self.router, self.list)
    }
}

/// Whether a method changes nothing (RFC 9110, 9.2.1).
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

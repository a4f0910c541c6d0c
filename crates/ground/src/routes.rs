//! Routes that name themselves: each says its method, path, action and who may come, so that `doorward routes --json` and the tests see every door.
use axum::{
    Extension, Router,
    handler::Handler,
    http::{Method, StatusCode},
    routing::MethodFilter,
};
use kernel::Action;
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
    /// `anyone`, `person`, `locked person` or `health`.
    pub who: &'static str,
}

impl RouteInfo {
    fn new(method: &'static str, path: &'static str, guard: Guard) -> Self {
        let (action, who) = match guard {
            Guard::Anyone(what) => (what, "anyone"),
            Guard::Person(action) => (action.name(), "person"),
            Guard::Locked(action) => (action.name(), "locked person"),
            Guard::Health(what) => (what, "health"),
        };
        Self {
            method,
            path,
            action,
            who,
        }
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

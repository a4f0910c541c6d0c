//! What happens to every request before and after its handler, in one visible order: id → far end → host → forgery → body → handler → page for
//! what has none → headers → log. For the server; handlers may rely on all of it.
//! What must never happen: a header of an untrusted peer believed, an answer without the security headers, a panic that ends the server.
mod body;
mod far_end;
mod forgery;
mod head;
mod headers;
mod host;
mod panic;
mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use axum::{Router, body::Body, http::Request, response::Response};
use ground::{Ground, client::Client, visitor::wants};
use http::request::Parts;
use hyper::body::Body as _;
use kernel::RequestId;
use refusal::Stop;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};
use tower::ServiceExt;
use tracing::Instrument;

/// The other side of a connection, as the socket knows it. The server puts it into every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether this connection is TLS.
    pub is_tls: bool,
}

/// Puts the front before all routes.
pub fn wrap(router: Router, ground: &Ground) -> Router {
    let headers = headers::Headers::new(ground.config.public_url.is_https());
    let front = Arc::new(Front {
        router,
        ground: ground.clone(),
        headers,
        meter: head::Meter::new(),
        bodies: body::Reader::new(),
    });
    Router::new().fallback(move |request: Request<Body>| {
        let front = front.clone();
        async move { front.answer(request).await }
    })
}

/// The front of the house: every request goes through it.
struct Front {
    router: Router,
    ground: Ground,
    headers: headers::Headers,
    meter: head::Meter,
    bodies: body::Reader,
}

impl Front {
    /// Answers one request, whatever it is.
    async fn answer(&self, request: Request<Body>) -> Response {
        let begun = Instant::now();
        let (config, id) = (
            &self.ground.config,
            RequestId::new(self.ground.now(), &self.ground.chance),
        );
        let (parts, body) = request.into_parts();
        // Without a peer the request did not come by our server: it is nobody's, and trusted with nothing.
        let nobody = Peer {
            address: Ipv4Addr::UNSPECIFIED.into(),
            is_tls: false,
        };
        let client = far_end::of(parts.extensions.get().copied().unwrap_or(nobody), &parts, config);
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let span = tracing::info_span!("request", %id);
        let passed = self.pass(id, client, parts, body).instrument(span).await;
        let mut response =
            passed.unwrap_or_else(|stop| refusal::answer(stop, wants(uri.path()), &config.public_url, id));
        self.headers.put_on(&mut response, id);
        let (path, status) = (uri.path(), response.status());
        self.meter.count(&head::Line {
            method: &method,
            path,
            status,
            client,
            id,
            took: begun.elapsed(),
        });
        response
    }

    async fn pass(&self, id: RequestId, client: Client, mut parts: Parts, body: Body) -> Result<Response, Stop> {
        let url = &self.ground.config.public_url;
        head::check(&parts)?;
        if !head::is_health(parts.uri.path()) {
            host::check(&parts, url)?;
        }
        forgery::check(&parts, url, self.ground.cookies)?;
        let body = if body.is_end_stream() {
            Body::empty()
        } else {
            Body::from(self.bodies.read(&parts, body).await?)
        };
        parts.extensions.insert(client);
        parts.extensions.insert(id);
        let asked_for = wants(parts.uri.path());
        let handled = self.router.clone().oneshot(Request::from_parts(parts, body));
        let response = panic::caught(handled)
            .await
            .ok_or(Stop::Fault)?
            .unwrap_or_else(|never| match never {});
        Ok(refusal::dress(response, asked_for, url, id))
    }
}

//! The OpenAPI 3.1 document of the API, put together from what each capability says of its routes. Made once; anyone may read it.
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use ground::{Guard, Routes};
use std::sync::LazyLock;
use utoipa::openapi::{Info, OpenApi, OpenApiBuilder};

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

/// The whole document.
pub fn document() -> OpenApi {
    let mut info = Info::new("Doorward", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("The front door: oneself, sessions, activity. Errors are problem details (RFC 9457).".into());
    let mut whole = OpenApiBuilder::new().info(info).build();
    for part in [
        sessions::openapi(),
        devices::openapi(),
        activity::openapi(),
        ground::delivery::openapi(),
        policies::openapi(),
        recovery::openapi(),
    ] {
        whole.merge(part);
    }
    whole
}

/// `/api/v1/openapi.json`.
pub fn routes() -> Routes {
    Routes::new().get("/api/v1/openapi.json", Guard::Anyone("api.describe"), show)
}

async fn show() -> Response {
    (
        [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "public, max-age=300"),
        ],
        DOCUMENT.as_str(),
    )
        .into_response()
}

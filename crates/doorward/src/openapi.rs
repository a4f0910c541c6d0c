//! The OpenAPI 3.1 document of the API, put together from what each capability says of its routes. Made once; anyone may read it.
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use ground::{Guard, Routes};
use std::sync::LazyLock;
use utoipa::openapi::{
    ComponentsBuilder, Info, OpenApi, OpenApiBuilder, SecurityRequirement,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

/// The whole document.
pub fn document() -> OpenApi {
    let mut info = Info::new("Doorward", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("The front door: oneself, sessions, activity. Errors are problem details (RFC 9457).".into());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.description(Some(
        "An API key, such as dwk_…; a browser's session comes with its cookie instead.",
    ));
    let components = ComponentsBuilder::new().security_scheme("key", SecurityScheme::Http(bearer.build()));
    let mut whole = OpenApiBuilder::new()
        .info(info)
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new::<_, _, String>("key", [])]))
        .build();
    for part in parts() {
        whole.merge(part);
    }
    whole
}

/// What each capability says of its own routes.
fn parts() -> [OpenApi; 11] {
    [
        sessions::openapi(),
        devices::openapi(),
        tokens::openapi(),
        agents::openapi(),
        activity::openapi(),
        ground::delivery::openapi(),
        policies::openapi(),
        roles::openapi(),
        customers::openapi(),
        recovery::openapi(),
        members::openapi(),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_two_capabilities_call_different_things_by_one_name() {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for part in parts() {
            for (name, schema) in part.components.map(|components| components.schemas).unwrap_or_default() {
                let text = serde_json::to_string(&schema).unwrap();
                let first = seen.entry(name.clone()).or_insert_with(|| text.clone());
                assert_eq!(*first, text, "two schemas are called {name}: say #[schema(as = …)]");
            }
        }
        assert!(seen.len() > 30, "only {} schemas", seen.len());
    }
}

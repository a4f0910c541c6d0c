//! Styles, scripts and pictures: built into the program, compressed once, named by their content so that a browser may keep them for ever.
//! Whoever adds a file to `web/` adds a line to `FILES`. Must never happen: two contents under one address.
use crate::routes::{Guard, Routes};
use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{fmt::Write as _, io::Write as _, sync::LazyLock};

/// Name, media type, content.
type File = (&'static str, &'static str, &'static [u8]);

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! web {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/", $name))
    };
}

const FILES: &[File] = &[
    ("door.css", CSS, web!("door.css")),
    ("house.css", CSS, web!("house.css")),
    ("door.js", JS, web!("door.js")),
    ("house.js", JS, web!("house.js")),
    ("passkey.js", JS, web!("passkey.js")),
    ("device-key.js", JS, web!("device-key.js")),
    ("live.js", JS, web!("live.js")),
    ("devices.js", JS, web!("devices.js")),
    ("activity.js", JS, web!("activity.js")),
    ("agents.js", JS, web!("agents.js")),
    ("mark.svg", SVG, web!("mark.svg")),
];

/// The picture that stands for Doorward in tabs and bookmarks.
const MARK: &str = "mark.svg";

struct Asset {
    name: &'static str,
    kind: &'static str,
    path: String,
    etag: HeaderValue,
    plain: Bytes,
    /// Ready compressed; none where that gains nothing.
    gzip: Option<Bytes>,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| FILES.iter().map(Asset::of).collect());

impl Asset {
    fn of(&(name, kind, content): &File) -> Self {
        let hash = Sha256::digest(content)
            .iter()
            .take(8)
            .fold(String::new(), |mut text, byte| {
                // Writing to a String cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            });
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let gzip = compress(content)
            .filter(|packed| packed.len() < content.len())
            .map(Bytes::from);
        Self {
            name,
            kind,
            path: format!("/assets/{stem}.{hash}.{ending}"),
            etag: HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\"")),
            plain: Bytes::from_static(content),
            gzip,
        }
    }

    fn answer(&self, asked: &HeaderMap, keep: &'static str) -> Response {
        let mut response = if holds(asked, header::IF_NONE_MATCH, self.etag.to_str().unwrap_or_default()) {
            StatusCode::NOT_MODIFIED.into_response()
        } else if let Some(packed) = self.gzip.clone().filter(|_| takes_gzip(asked)) {
            (
                [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))],
                Body::from(packed),
            )
                .into_response()
        } else {
            Body::from(self.plain.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::ETAG, self.etag.clone());
        response
    }
}

fn compress(content: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(content).ok()?;
    packer.finish().ok()
}

fn holds(asked: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    let values = asked.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == wanted)
}

/// RFC 9110, 12.5.3: a coding with weight nought is refused.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let values = asked
        .get_all(header::ACCEPT_ENCODING)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|coding| coding.eq_ignore_ascii_case("gzip") || coding == "*");
        let is_refused = parts.any(|weight| {
            weight
                .strip_prefix("q=")
                .and_then(|q| q.parse::<f32>().ok())
                .is_some_and(|q| q <= 0.0)
        });
        is_gzip && !is_refused
    })
}

/// The address of a file of `web/`: `door.css` → `/assets/door.3fa9….css`. A name that is not there gives an address that is not there.
pub fn asset(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("/assets/missing", |asset| asset.path.as_str())
}

async fn send(Path(name): Path<String>, asked: HeaderMap) -> Response {
    match ASSETS
        .iter()
        .find(|asset| asset.path.strip_prefix("/assets/") == Some(name.as_str()))
    {
        Some(asset) => asset.answer(&asked, "public, max-age=31536000, immutable"),
        None => super::error_page(
            StatusCode::NOT_FOUND,
            kernel::Reason::RequestNotFound,
            &super::ErrorExtra::default(),
        ),
    }
}

/// Browsers ask for it where no page of ours names a picture. Its address stays the same, so it is kept for a day only.
async fn send_mark(asked: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == MARK) {
        Some(asset) => asset.answer(&asked, "public, max-age=86400"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The routes of all assets.
pub fn asset_routes<S: Clone + Send + Sync + 'static>() -> Routes<S> {
    Routes::new()
        .get("/assets/{name}", Guard::Anyone("assets.get"), send)
        .get("/favicon.ico", Guard::Anyone("assets.get"), send_mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_name_leads_to_its_content_by_a_hash() {
        let path = asset("door.css");
        let hash = path
            .strip_prefix("/assets/door.")
            .and_then(|rest| rest.strip_suffix(".css"))
            .unwrap();
        assert!(
            hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()),
            "{path}"
        );
        assert_eq!(asset("nothing.css"), "/assets/missing");
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        let door = ASSETS.iter().find(|asset| asset.name == "door.css").unwrap();
        let packed = door.answer(&asking(header::ACCEPT_ENCODING, "br, gzip;q=0.8"), "public");
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
        for refusing in ["identity", "gzip;q=0", "br"] {
            let plain = door.answer(&asking(header::ACCEPT_ENCODING, refusing), "public");
            assert!(!plain.headers().contains_key(header::CONTENT_ENCODING), "{refusing}");
            assert_eq!(plain.headers()[header::VARY], "accept-encoding");
        }
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let door = ASSETS.iter().find(|asset| asset.name == "door.css").unwrap();
        let again = door.answer(&asking(header::IF_NONE_MATCH, door.etag.to_str().unwrap()), "public");
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(
            door.answer(&asking(header::IF_NONE_MATCH, "\"other\""), "public")
                .status(),
            StatusCode::OK
        );
    }

    /// The pages before a session: everything that a first visit fetches besides the page itself.
    #[test]
    fn the_door_is_light() {
        let weight: usize = ASSETS
            .iter()
            .filter(|asset| ["door.css", "door.js", MARK].contains(&asset.name))
            .map(|asset| asset.gzip.as_ref().unwrap_or(&asset.plain).len())
            .sum();
        assert!(
            weight < 20_000,
            "{weight} bytes before the page itself; all together may be 30 KB"
        );
    }

    #[test]
    fn no_script_or_style_reaches_out() {
        for (name, _, content) in FILES.iter().filter(|file| file.0 != MARK) {
            let text = std::str::from_utf8(content).unwrap();
            for forbidden in ["http://", "https://", "@import", "eval(", "innerHTML", "document.write"] {
                assert!(!text.contains(forbidden), "{name} has {forbidden}");
            }
        }
    }
}

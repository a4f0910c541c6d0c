//! The addresses that a machine fetches from: open to everybody, since there is no secret in any of it.
use super::{
    script,
    shelf::{Shelf, Signed, System},
};
use crate::http::Agents;
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{Failure, Guard, Routes, Visitor, form::Path};
use http_body_util::channel::{Channel, Sender};
use kernel::Reason;
use tokio::io::AsyncReadExt as _;

const CHUNK: usize = 64 * 1024;
type Header = (HeaderName, HeaderValue);

/// The routes.
pub(crate) fn routes(agents: &Agents) -> Routes {
    Routes::new()
        .get("/pair.sh", Guard::Anyone("agents.install"), shell)
        .get("/pair.ps1", Guard::Anyone("agents.install"), power_shell)
        .get("/agents/{system}/{file}", Guard::Anyone("agents.install"), program)
        .with_state(Shelf::new(agents.house.ground.clone()))
}

fn plain(kind: &'static str) -> [Header; 2] {
    let said = |text| HeaderValue::from_static(text);
    [
        (header::CONTENT_TYPE, said(kind)),
        (header::CACHE_CONTROL, said("no-store")),
    ]
}

/// GET `/pair.sh`: for Linux and macOS.
async fn shell(State(shelf): State<Shelf>, visitor: Visitor) -> Result<Response, Failure> {
    let text = on_disk(&visitor, move || Ok(script::shell(&shelf))).await?;
    Ok((plain("text/x-shellscript; charset=utf-8"), text).into_response())
}

/// GET `/pair.ps1`: for Windows.
async fn power_shell(State(shelf): State<Shelf>, visitor: Visitor) -> Result<Response, Failure> {
    let text = on_disk(&visitor, move || Ok(script::power_shell(&shelf))).await?;
    Ok((plain("text/plain; charset=utf-8"), text).into_response())
}

/// GET `/agents/{system}/{file}`: the program; with `.sig` behind its name its signature as openssl takes it, with `.p1363` as Windows does.
async fn program(
    State(shelf): State<Shelf>,
    visitor: Visitor,
    path: Result<Path<(String, String)>, Failure>,
) -> Result<Response, Failure> {
    let absent = || Failure::new(&visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound);
    let Path((system, file)) = path?;
    let system = System::named(&system).ok_or_else(absent)?;
    let wanted = Wanted::of(&file, system).ok_or_else(absent)?;
    let looked = shelf.clone();
    let Some(signed) = on_disk(&visitor, move || looked.look(system)).await? else {
        return Ok(not_there(system));
    };
    let binary = plain("application/octet-stream");
    match wanted {
        Wanted::Der => return Ok((binary, signed.signature.der()).into_response()),
        Wanted::Plain => return Ok((binary, signed.signature.0.to_vec()).into_response()),
        Wanted::Program => {}
    }
    let opened = tokio::fs::File::open(system.path(shelf.ground())).await;
    let file = opened.map_err(|error| fault(&visitor, &error))?;
    let (sender, body) = Channel::new(2);
    tokio::spawn(send(file, sender));
    let length = (header::CONTENT_LENGTH, HeaderValue::from(signed.length));
    Ok((binary, [length, tag(&signed)], Body::new(body)).into_response())
}

/// What lies beside a program, by its name.
enum Wanted {
    Program,
    Der,
    Plain,
}

impl Wanted {
    fn of(file: &str, system: System) -> Option<Self> {
        match file.strip_prefix(system.file)? {
            "" => Some(Self::Program),
            ".sig" => Some(Self::Der),
            ".p1363" => Some(Self::Plain),
            _ => None,
        }
    }
}

fn tag(signed: &Signed) -> Header {
    let quoted = HeaderValue::from_str(&format!("\"{}\"", signed.digest));
    (header::ETAG, quoted.unwrap_or(HeaderValue::from_static("\"\"")))
}

/// For whoever reads it in a terminal or in a browser.
fn not_there(system: System) -> Response {
    let words = format!(
        "There is no agent for {name} on this server yet.\n\n\
         Whoever operates it builds or fetches the program for that system and puts it into the server's data folder as\n\n\
         \x20   agents/{name}/{file}\n\n\
         It is served from then on, without a restart.\n",
        name = system.name,
        file = system.file,
    );
    (StatusCode::NOT_FOUND, plain("text/plain; charset=utf-8"), words).into_response()
}

async fn send(mut file: tokio::fs::File, mut sender: Sender<Bytes, std::io::Error>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk).await {
            Ok(0) => return,
            Ok(read) => {
                let part = Bytes::copy_from_slice(chunk.get(..read).unwrap_or_default());
                // Whoever fetched it has gone.
                if sender.send_data(part).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(%error, "a program of agents could not be read to its end");
                sender.abort(error);
                return;
            }
        }
    }
}

/// What reads the disk, beside the async threads.
async fn on_disk<T: Send + 'static>(
    visitor: &Visitor,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.unwrap_or_else(|ended| Err(std::io::Error::other(ended)));
    done.map_err(|error| fault(visitor, &error))
}

fn fault(visitor: &Visitor, error: &std::io::Error) -> Failure {
    tracing::error!(%error, "the folder of agents' programs could not be read");
    Failure::new(visitor, StatusCode::INTERNAL_SERVER_ERROR, Reason::ServerFault)
}

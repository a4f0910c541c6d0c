//! `/dev/outbox`: the messages of the development outbox. It exists only while `public_url` is a loopback name and no mail is set up, and only
//! for whoever sits at this very machine; for everybody else it is the 404 of an unknown path.
use super::Delivery;
use crate::{
    Failure, Visitor,
    delivery::{outbox, page::OutboxMessage, page::OutboxPage},
    page::{DoorShell, html},
};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::Reason;

/// The newest so many are shown.
const MOST: usize = 50;

fn guard(state: &Delivery, visitor: &Visitor) -> Result<(), Failure> {
    let config = &state.house.ground.config;
    if config.public_url.is_loopback() && config.mail.is_none() && visitor.client.is_loopback {
        return Ok(());
    }
    Err(unknown(visitor))
}

fn unknown(visitor: &Visitor) -> Failure {
    Failure::new(visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound)
}

/// Files are read on a thread that may wait.
async fn reading<T: Send + 'static>(
    visitor: &Visitor,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => {
            tracing::error!(%error, "the outbox cannot be read");
            Err(Failure::fault(visitor))
        }
        Err(_) => Err(Failure::fault(visitor)),
    }
}

/// GET `/dev/outbox`.
pub(super) async fn list(State(state): State<Delivery>, visitor: Visitor) -> Result<Response, Failure> {
    guard(&state, &visitor)?;
    let config = &state.house.ground.config;
    let (folder, own) = (config.outbox_dir(), config.public_url.as_str().to_owned());
    let messages = reading(&visitor, move || {
        let names = outbox::list(&folder, MOST)?;
        let read =
            |name: String| Ok(outbox::read(&folder, &name)?.map(|bytes| OutboxMessage::read(name, &bytes, &own)));
        names
            .into_iter()
            .map(read)
            .filter_map(Result::transpose)
            .collect::<std::io::Result<Vec<_>>>()
    })
    .await?;
    let shell = DoorShell {
        is_wide: true,
        ..DoorShell::new("Development outbox")
    };
    Ok(html(StatusCode::OK, OutboxPage { shell, messages }))
}

/// GET `/dev/outbox/{name}`: the file as it is.
pub(super) async fn one(
    State(state): State<Delivery>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    guard(&state, &visitor)?;
    let folder = state.house.ground.config.outbox_dir();
    let found = reading(&visitor, move || outbox::read(&folder, &name)).await?;
    let bytes = found.ok_or_else(|| unknown(&visitor))?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}

//! The export of the activity log, written as it is read, chunk by chunk: JSON lines that verify offline, or CSV for a spreadsheet.
//! Must never happen: an export that looks finished and is not; a cell that a spreadsheet runs as a formula.
use crate::{
    decide::{Asked, Manner},
    http::{is_theirs, malformed, people},
    item::{Names, what},
    store::Wanted,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Failure, Ground, House,
    form::Query,
    journal::{self, Export, Fault, Signer},
};
use http_body_util::channel::{Channel, Sender};
use kernel::{Deployment, FieldError, Organisation, PersonId, Reason, Stream, act};

/// What the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jsonl,
    Csv,
}

impl Format {
    fn of(asked: &Asked) -> Result<Self, Vec<FieldError>> {
        let wrong = |field: &'static str, message: &str| {
            vec![FieldError {
                field,
                message: message.into(),
                reason: Reason::RequestMalformed.id(),
            }]
        };
        if asked.limit.is_some() || asked.cursor.is_some() {
            return Err(wrong("cursor", "An export is whole: it takes no limit and no cursor."));
        }
        match asked.format.as_deref() {
            None | Some("jsonl") => Ok(Self::Jsonl),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(wrong("format", "A format is jsonl or csv.")),
        }
    }
    const fn headers(self) -> (&'static str, &'static str) {
        match self {
            Self::Jsonl => ("application/x-ndjson", "attachment; filename=\"activity.jsonl\""),
            Self::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"activity.csv\""),
        }
    }
}

/// The organisation's events, oldest first, as a file. As JSON lines it is what `doorward audit verify FILE` takes.
#[utoipa::path(get, path = "/api/v1/events/export", params(
    ("format" = Option<String>, Query, description = "`jsonl` (verifies offline; left-out events are digests) or `csv`"),
    ("kind" = Option<String>, Query, description = "A kind's id"),
    ("outcome" = Option<String>, Query, description = "`allowed`, `stopped` or `done`"),
    ("person" = Option<uuid::Uuid>, Query, description = "By or about this person"),
    ("network" = Option<String>, Query, description = "From this network address"),
    ("from" = Option<String>, Query, description = "A day or a time of RFC 3339"),
    ("to" = Option<String>, Query, description = "A day or a time of RFC 3339"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, description = "The file"), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(crate) async fn export(
    State(house): State<House>,
    ask: Ask<act::ReadEvents>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let format = Format::of(&asked).map_err(|errors| malformed(&ask, errors))?;
    let search = asked.search(Manner::Api).map_err(|errors| malformed(&ask, errors))?;
    let whom = search.whom.clone();
    let (permit, people) = house
        .read(&ask, move |view, permit| {
            people(view, Organisation(permit.caller().organisation), &whom)
        })
        .await?;
    if !is_theirs(&asked, &permit) {
        return Err(ask.not_found());
    }
    let Ok(people) = people else {
        return Err(malformed(&ask, Vec::new()));
    };
    let wanted = search.wanted(people, None);
    let stream = Stream::Organisation(permit.caller().organisation);
    let begun = async {
        let (trust, kept) = journal::known(&house.ground).await?;
        Export::begin(&house.ground.store, trust, &kept, stream, search.from).await
    };
    let export = begun.await.map_err(|fault| failed(&ask, &fault))?;
    let (sender, body) = Channel::new(2);
    tokio::spawn(write(house.ground.clone(), export, wanted, format, sender));
    let (kind, name) = format.headers();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    Ok((headers, Body::new(body)).into_response())
}

fn failed(ask: &Ask<act::ReadEvents>, fault: &Fault) -> Failure {
    if let Fault::Store(error) = fault {
        return Failure::store(&ask.visitor, error);
    }
    tracing::error!(%fault, "an export could not begin");
    ask.failure(StatusCode::INTERNAL_SERVER_ERROR, Reason::ServerFault)
}

/// Writes until the end, until the reader has gone, or until something does not hold: then the connection breaks off, so that nobody
/// takes the file for a finished one.
async fn write(ground: Ground, mut export: Export, wanted: Wanted, format: Format, mut sender: Sender<Bytes, Fault>) {
    if let Err(fault) = write_all(&ground, &mut export, &wanted, format, &mut sender).await {
        tracing::error!(%fault, "an export broke off");
        sender.abort(fault);
    }
}

async fn write_all(
    ground: &Ground,
    export: &mut Export,
    wanted: &Wanted,
    format: Format,
    sender: &mut Sender<Bytes, Fault>,
) -> Result<(), Fault> {
    let first = match format {
        Format::Jsonl => export.first_line(),
        Format::Csv => CSV_HEAD.to_owned(),
    };
    let mut is_there = sender.send_data(first.into()).await.is_ok();
    while is_there {
        let lines = export.next().await?;
        if lines.is_empty() {
            break;
        }
        let text = match format {
            Format::Jsonl => lines
                .into_iter()
                .map(|line| {
                    let is_shown = wanted.has(&line);
                    Export::file_line(line, is_shown)
                })
                .collect(),
            Format::Csv => csv(ground, lines.into_iter().filter(|line| wanted.has(line)).collect()).await?,
        };
        is_there = text.is_empty() || sender.send_data(Bytes::from(text)).await.is_ok();
    }
    if is_there && format == Format::Jsonl {
        let last = export.last_line(ground.now(), &Signer(ground.keys.journal()));
        // A reader that went away at the very end has nothing to be told.
        let _ = sender.send_data(last.into()).await;
    }
    Ok(())
}

const CSV_HEAD: &str =
    "seq,id,at,kind,what,outcome,actor,actor_name,subject,subject_name,device,network,reason,count,detail\r\n";

async fn csv(ground: &Ground, lines: Vec<journal::Line>) -> Result<String, Fault> {
    let ids: Vec<PersonId> = lines
        .iter()
        .flat_map(|line| [line.actor, line.subject])
        .flatten()
        .map(PersonId)
        .collect();
    let names = ground
        .store
        .read(move |view| people::names(view, Deployment, &ids))
        .await?;
    Ok(lines.iter().map(|line| csv_line(line, &names)).collect())
}

fn csv_line(line: &journal::Line, names: &Names) -> String {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let name = |id: Option<uuid::Uuid>| id.and_then(|id| names.get(&PersonId(id)).cloned()).unwrap_or_default();
    let cells = [
        line.seq.to_string(),
        line.id.to_string(),
        line.at.rfc3339(),
        line.kind.clone(),
        what(&line.kind),
        line.outcome.clone(),
        id(line.actor),
        name(line.actor),
        id(line.subject),
        name(line.subject),
        line.device_label.clone(),
        line.network.clone(),
        line.reason.clone().unwrap_or_default(),
        line.count.to_string(),
        line.detail.clone(),
    ];
    cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !text.contains([',', '"', '\r', '\n']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_run_as_nothing() {
        let cases = [
            ("Firefox on Windows", "Firefox on Windows"),
            ("Doe, Jane", "\"Doe, Jane\""),
            ("says \"hi\"", "\"says \"\"hi\"\"\""),
            ("=HYPERLINK(\"http://evil\")", "\"'=HYPERLINK(\"\"http://evil\"\")\""),
            ("+1", "\"'+1\""),
            ("@x", "\"'@x\""),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn an_export_takes_its_format_and_no_page() {
        let asked = |format: Option<&str>| Asked {
            format: format.map(str::to_owned),
            ..Asked::default()
        };
        assert_eq!(Format::of(&asked(None)), Ok(Format::Jsonl));
        assert_eq!(Format::of(&asked(Some("csv"))), Ok(Format::Csv));
        assert!(Format::of(&asked(Some("xml"))).is_err());
        assert!(
            Format::of(&Asked {
                cursor: Some("x".into()),
                ..Asked::default()
            })
            .is_err()
        );
    }
}

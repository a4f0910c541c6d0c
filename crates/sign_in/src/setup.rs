//! Set-up: the first organisation and its owner, by a link that the server prints. Once there has ever been an owner it is gone for good.
//! Must never happen: a second owner made here, by anyone, at any time; a link that works twice.
use crate::{Front, page::SetupPage};
use axum::{extract::State, http::StatusCode, response::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use factors::{Context, Prover, SHORTEST_ALONE, StoredHash};
use ground::{
    Failure, Ground, Visitor,
    db::{self, Lock, Tx},
    form::{Form, Query},
    journal,
    page::{DoorShell, Errors, html, see_other},
};
use kernel::{
    Deployment, Event, EventKind, FieldError, Language, Organisation, OrganisationId, Outcome, PersonId, Reason,
    SiteId, Span, Stream,
};
use organisations::NewOrganisation;
use people::{Email, NewPerson};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A printed link lives so long.
const LINK_LIVES_FOR: Span = Span::minutes(60);

/// Makes a new set-up link. None once there has ever been an owner.
pub async fn make_link(ground: &Ground) -> db::Result<Option<String>> {
    let token = URL_SAFE_NO_PAD.encode(ground.chance.bytes::<32>());
    let (hash, now) = (hash_of(&token), ground.now());
    let event = Event::new(
        Stream::Deployment,
        now,
        EventKind::SetupLinkMade,
        Outcome::Done,
        &ground.chance,
    );
    let made = ground
        .store
        .write(move |tx| {
            let made = organisations::make_setup_link(tx, Deployment, &hash, now, now + LINK_LIVES_FOR)?;
            if made {
                journal::append(tx, &event)?;
            }
            Ok::<_, db::Error>(made)
        })
        .await?;
    Ok(made.then(|| format!("{}/setup?token={token}", ground.config.public_url.as_str())))
}

fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The address's part.
#[derive(Deserialize, Default)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct SetupForm {
    organisation: String,
    name: String,
    email: String,
    password: String,
}

/// GET `/setup`.
pub async fn show(
    State(front): State<Front>,
    visitor: Visitor,
    link: Result<Query<Link>, Failure>,
) -> Result<Response, Failure> {
    let link = token_of(link);
    require(&front, &visitor, &link.token).await?;
    Ok(html(
        StatusCode::OK,
        form_page(&SetupForm::default(), &link.token, Errors::none()),
    ))
}

/// POST `/setup`.
pub async fn create(
    State(front): State<Front>,
    visitor: Visitor,
    link: Result<Query<Link>, Failure>,
    form: Form<SetupForm>,
) -> Result<Response, Failure> {
    let link = token_of(link);
    require(&front, &visitor, &link.token).await?;
    let form = form.open()?;
    let again = |errors: Vec<FieldError>| {
        html(
            StatusCode::UNPROCESSABLE_ENTITY,
            form_page(&form, &link.token, Errors::from(errors)),
        )
    };
    let wanted = match check(&form, visitor.language()) {
        Ok(wanted) => wanted,
        Err(mut errors) => {
            // Everything that is wrong is told at once.
            let context = Context::new(&form.organisation, &form.name, &form.email);
            let weak = front
                .prover
                .accept(&form.password, SHORTEST_ALONE, &context)
                .await
                .err();
            errors.extend(
                weak.unwrap_or_default()
                    .into_iter()
                    .map(|reason| FieldError::new("password", reason)),
            );
            return Ok(again(errors));
        }
    };
    let hash = match front
        .prover
        .new_password(visitor.client.address, &form.password, SHORTEST_ALONE, &wanted.context)
        .await
    {
        Ok(hash) => hash,
        Err(refused) => return refused.into_errors(&visitor, "password").map(again),
    };
    match settle(
        &front.house.ground,
        wanted,
        hash,
        Some(hash_of(&link.token)),
        &visitor.network(),
    )
    .await
    {
        Ok(Settled::Made) => Ok(see_other("/sign-in")),
        Ok(Settled::Taken) => Ok(again(vec![FieldError::new("email", Reason::SetupEmailTaken)])),
        Ok(Settled::Closed) => Err(Failure::new(&visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound)),
        Err(error) => Err(Failure::store(&visitor, &error)),
    }
}

/// A query that cannot be read has no good token.
fn token_of(link: Result<Query<Link>, Failure>) -> Link {
    link.map_or_else(|_| Link::default(), |Query(link)| link)
}

/// Without a good token this is the same answer as an unknown path.
async fn require(front: &Front, visitor: &Visitor, token: &str) -> Result<(), Failure> {
    let (hash, now) = (hash_of(token), front.house.ground.now());
    let is_good = front
        .house
        .ground
        .store
        .read(move |view| organisations::setup_link_is_good(view, Deployment, &hash, now))
        .await;
    match is_good {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound)),
        Err(error) => Err(Failure::store(visitor, &error)),
    }
}

fn form_page(form: &SetupForm, token: &str, errors: Errors) -> SetupPage {
    SetupPage {
        shell: DoorShell::new("Set up Doorward"),
        errors,
        action: format!("/setup?token={}", ground::failure::encode(token)),
        organisation: form.organisation.clone(),
        name: form.name.clone(),
        email: form.email.clone(),
    }
}

/// A form that is in order.
#[derive(Clone)]
struct Wanted {
    organisation: String,
    name: String,
    email: Email,
    /// What the owner is written to in.
    language: Language,
    context: Context,
}

fn check(form: &SetupForm, language: Language) -> Result<Wanted, Vec<FieldError>> {
    let organisation = organisations::check_name("organisation", &form.organisation, Reason::OrganisationNameInvalid);
    let name = organisations::check_name("name", &form.name, Reason::NameInvalid);
    let email = people::canonical_email(&form.email);
    match (organisation, name, email) {
        (Ok(organisation), Ok(name), Ok(email)) => {
            let context = Context::new(&organisation, &name, &email.canonical);
            Ok(Wanted {
                organisation,
                name,
                email,
                language,
                context,
            })
        }
        (organisation, name, email) => Err([organisation.err(), name.err(), email.err()]
            .into_iter()
            .flatten()
            .collect()),
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Made,
    Taken,
    Closed,
}

/// Organisation, first site, roles, owner and password in one transaction; two at once make one.
async fn settle(
    ground: &Ground,
    wanted: Wanted,
    hash: StoredHash,
    link: Option<[u8; 32]>,
    network: &str,
) -> db::Result<Settled> {
    let (now, chance) = (ground.now(), &ground.chance);
    let organisation = OrganisationId::new(now, chance);
    let new = NewOrganisation {
        id: organisation,
        parent: None,
        name: wanted.organisation,
        site: SiteId::new(now, chance),
    };
    let person = NewPerson {
        id: PersonId::new(now, chance),
        home: organisation,
        name: wanted.name,
        email: wanted.email,
        language: wanted.language,
    };
    let role_ids = roles::seed_ids(now, chance);
    let event = Event::new(
        Stream::Organisation(organisation),
        now,
        EventKind::OwnerCreated,
        Outcome::Done,
        chance,
    )
    .by(person.id)
    .from(None, "", network);
    let scope = Organisation(organisation);
    ground
        .store
        .write_holding(Lock::on("setup", b""), move |tx: &mut Tx| {
            if let Some(link) = &link
                && !organisations::setup_link_is_good(tx, Deployment, link, now)?
            {
                return Ok(Settled::Closed);
            }
            if people::is_taken(tx, Deployment, &person.email)? {
                return Ok(Settled::Taken);
            }
            if !organisations::close_setup(tx, Deployment, now)? {
                return Ok(Settled::Closed);
            }
            organisations::create(tx, Deployment, &new, now)?;
            roles::seed(tx, scope, &role_ids)?;
            people::create(tx, Deployment, &person, now)?;
            roles::hold_by_name(tx, scope, person.id, roles::OWNER)?;
            factors::store::set_password(tx, person.id, &hash, now)?;
            journal::append(tx, &event)?;
            Ok::<_, db::Error>(Settled::Made)
        })
        .await
}

/// Why the command line could not make the owner.
#[derive(Debug, thiserror::Error)]
pub enum OwnerRefused {
    /// There has been an owner.
    #[error("there has been an owner already; sign in, or restore a backup")]
    Closed,
    /// A value was refused.
    #[error("{0}")]
    Field(String),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] db::Error),
}

/// Makes the first owner without a browser: `doorward owner create`.
pub async fn create_owner(
    prover: &Prover,
    organisation: &str,
    name: &str,
    email: &str,
    password: &str,
) -> Result<(), OwnerRefused> {
    let form = SetupForm {
        organisation: organisation.into(),
        name: name.into(),
        email: email.into(),
        password: String::new(),
    };
    let told = |errors: Vec<FieldError>| {
        OwnerRefused::Field(
            errors
                .iter()
                .map(|e| format!("{}: {}", e.field, e.message))
                .collect::<Vec<_>>()
                .join(" "),
        )
    };
    let ground = prover.ground();
    if ground
        .store
        .read(|view| organisations::has_had_owner(view, Deployment))
        .await?
    {
        return Err(OwnerRefused::Closed);
    }
    let wanted = check(&form, Language::default()).map_err(told)?;
    let local = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    let hash = prover
        .new_password(local, password, SHORTEST_ALONE, &wanted.context)
        .await
        .map_err(|refused| told(refused.errors("password")))?;
    match settle(ground, wanted, hash, None, "").await? {
        Settled::Made => Ok(()),
        Settled::Taken => Err(told(vec![FieldError::new("email", Reason::SetupEmailTaken)])),
        Settled::Closed => Err(OwnerRefused::Closed),
    }
}

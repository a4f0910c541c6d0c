//! The users of a Keycloak realm export: one realm, several, or the list of users alone.
//! Must never happen: a password of an address that nobody had verified there; a role of that system that becomes one of ours.
use super::{Entry, Untaken};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    username: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    enabled: Option<bool>,
    email_verified: Option<bool>,
    service_account_client_id: Option<String>,
    attributes: Option<BTreeMap<String, Value>>,
    credentials: Option<Vec<Credential>>,
}

/// A credential, in the form of today or in the one before Keycloak 8.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "secretData")]
    secret: Option<String>,
    #[serde(rename = "credentialData")]
    data: Option<String>,
    hashed_salted_value: Option<String>,
    salt: Option<String>,
    hash_iterations: Option<i64>,
    algorithm: Option<String>,
}

#[derive(Deserialize)]
struct Secret {
    value: String,
    salt: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    hash_iterations: Option<i64>,
    algorithm: String,
    additional_parameters: Option<BTreeMap<String, Vec<String>>>,
}

/// The people of an export, or what is wrong with the whole of it.
pub(super) fn read(text: &str) -> Result<Vec<Result<Entry, Untaken>>, String> {
    let whole: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let users = users(whole).ok_or("it has no list \"users\"; export the realm with its users")?;
    Ok(users
        .into_iter()
        .enumerate()
        .filter_map(|(n, user)| entry(n + 1, user))
        .collect())
}

fn users(whole: Value) -> Option<Vec<Value>> {
    match whole {
        Value::Object(mut realm) => match realm.remove("users")? {
            Value::Array(users) => Some(users),
            _ => None,
        },
        Value::Array(all) if all.iter().any(|one| one.get("users").is_some()) => {
            let realms = all.into_iter().filter(|realm| realm.get("users").is_some());
            realms
                .map(users)
                .collect::<Option<Vec<_>>>()
                .map(|lists| lists.concat())
        }
        Value::Array(users) => Some(users),
        _ => None,
    }
}

/// One user; nothing for the accounts of programs, which are no people.
fn entry(number: usize, user: Value) -> Option<Result<Entry, Untaken>> {
    let place = |name: &str| format!("user {name}");
    let user: User = match serde_json::from_value(user) {
        Ok(user) => user,
        Err(error) => {
            return Some(Err(Untaken {
                place: place(&number.to_string()),
                why: format!("it cannot be read: {error}"),
            }));
        }
    };
    if user.service_account_client_id.is_some() {
        return None;
    }
    let username = user.username.clone().unwrap_or_else(|| number.to_string());
    let place = place(&username);
    // A name of an account is often an address.
    let email = user
        .email
        .clone()
        .or(user.username.clone().filter(|name| name.contains('@')));
    let Some(email) = email.filter(|email| !email.is_empty()) else {
        let why = "it has no e-mail address".to_owned();
        return Some(Err(Untaken { place, why }));
    };
    let credentials = user.credentials.as_deref().unwrap_or_default();
    let of_kind = |kind: &str| {
        credentials
            .iter()
            .find(|credential| credential.kind.as_deref() == Some(kind))
    };
    let is_verified = user.email_verified == Some(true);
    let hash = match of_kind("password").filter(|_| is_verified).map(hash).transpose() {
        Ok(hash) => hash,
        Err(why) => return Some(Err(Untaken { place, why })),
    };
    let names = [user.first_name, user.last_name].into_iter().flatten();
    let names: Vec<String> = names
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let locale = user
        .attributes
        .as_ref()
        .and_then(|attributes| attributes.get("locale")?.get(0)?.as_str());
    Some(Ok(Entry {
        place,
        email,
        name: if names.is_empty() { username } else { names.join(" ") },
        roles: Vec::new(),
        language: locale.unwrap_or_default().to_owned(),
        is_disabled: user.enabled == Some(false),
        hash,
        is_unverified: !is_verified,
        had_factor: ["otp", "webauthn", "webauthn-passwordless"]
            .into_iter()
            .any(|kind| of_kind(kind).is_some()),
    }))
}

/// The hash in the spelling of one of the usual forms.
fn hash(credential: &Credential) -> Result<String, String> {
    let broken = |_| "its password cannot be read".to_owned();
    let (value, salt, data) = if let (Some(secret), Some(data)) = (&credential.secret, &credential.data) {
        let secret: Secret = serde_json::from_str(secret).map_err(broken)?;
        let data: Data = serde_json::from_str(data).map_err(broken)?;
        (secret.value, secret.salt.unwrap_or_default(), data)
    } else {
        let value = credential.hashed_salted_value.clone();
        let value = value.ok_or("its password cannot be read")?;
        let data = Data {
            hash_iterations: credential.hash_iterations,
            algorithm: credential.algorithm.clone().unwrap_or_else(|| "pbkdf2".to_owned()),
            additional_parameters: None,
        };
        (value, credential.salt.clone().unwrap_or_default(), data)
    };
    let (bare, salt) = (value.trim_end_matches('='), salt.trim_end_matches('='));
    let iterations = data.hash_iterations.unwrap_or_default();
    match data.algorithm.as_str() {
        // Plug-ins that keep the whole of it in one text.
        _ if value.starts_with('$') => Ok(value),
        kind @ ("pbkdf2" | "pbkdf2-sha256" | "pbkdf2-sha512") => Ok(format!("${kind}$i={iterations}${salt}${bare}")),
        "argon2" => {
            let given = data.additional_parameters.unwrap_or_default();
            let of = |name: &str| given.get(name).and_then(|values| values.first()).map(String::as_str);
            let kind = of("type").unwrap_or("id");
            let version = if of("version") == Some("1.0") { 16 } else { 19 };
            let (memory, lanes) = (of("memory").unwrap_or_default(), of("parallelism").unwrap_or("1"));
            Ok(format!(
                "$argon2{kind}$v={version}$m={memory},t={iterations},p={lanes}${salt}${bare}"
            ))
        }
        other => Err(format!(
            "its password was hashed with {other:?}, which is not known here"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use factors::StoredHash;

    fn one(user: &Value) -> Result<Entry, Untaken> {
        read(&serde_json::json!({"realm": "x", "users": [user]}).to_string())
            .unwrap()
            .pop()
            .unwrap()
    }
    fn user(secret: &str, data: &str) -> Value {
        serde_json::json!({
            "username": "ana", "email": "ana@x.example", "emailVerified": true, "firstName": "Ana", "lastName": "Lima", "enabled": true,
            "attributes": {"locale": ["es"]},
            "credentials": [{"type": "otp"}, {"type": "password", "secretData": secret, "credentialData": data}],
            "realmRoles": ["admin", "Owner"],
        })
    }

    #[test]
    fn a_user_is_read_with_name_language_state_and_hash_and_with_no_role() {
        let secret = r#"{"value":"VVatals5hXp5h2oxfsxiF6kzhtIf76FMvLQt3LHjOPTh+NaxYdlTOPwDZ23eIyR9i752/A/GtET2PfLHzgkqPg==","salt":"AAECAwQFBgcICQoLDA0ODw==","additionalParameters":{}}"#;
        let data = r#"{"hashIterations":27500,"algorithm":"pbkdf2-sha256","additionalParameters":{}}"#;
        let read = one(&user(secret, data)).unwrap();
        assert_eq!(
            (read.name.as_str(), read.language.as_str(), read.is_disabled),
            ("Ana Lima", "es", false)
        );
        assert!(read.roles.is_empty() && read.had_factor && !read.is_unverified);
        assert!(StoredHash::taken_over(read.hash.as_deref().unwrap()).is_ok());
    }

    #[test]
    fn argon2_bcrypt_and_the_old_form_become_the_usual_spellings() {
        let secret = r#"{"value":"CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc=","salt":"c29tZXNhbHQ="}"#;
        let data = r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#;
        let hash = one(&user(secret, data)).unwrap().hash.unwrap();
        assert_eq!(
            hash,
            "$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        );
        let bcrypt = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
        let secret = serde_json::json!({"value": bcrypt}).to_string();
        let hash = one(&user(&secret, r#"{"hashIterations":4,"algorithm":"bcrypt"}"#))
            .unwrap()
            .hash;
        assert_eq!(hash.as_deref(), Some(bcrypt));
        let mut old = user("", "");
        old["credentials"] = serde_json::json!([{"type": "password", "hashedSaltedValue": "yr+bZKkEnTtGf3f18VjXM5CIxT8=", "salt": "AAECAwQFBgcICQoLDA0ODw==", "hashIterations": 1000, "algorithm": "pbkdf2"}]);
        let hash = one(&old).unwrap().hash.unwrap();
        assert_eq!(
            hash,
            "$pbkdf2$i=1000$AAECAwQFBgcICQoLDA0ODw$yr+bZKkEnTtGf3f18VjXM5CIxT8"
        );
        for known in [hash, bcrypt.to_owned()] {
            assert!(StoredHash::taken_over(&known).is_ok(), "{known}");
        }
    }

    #[test]
    fn an_address_that_nobody_verified_comes_without_its_password() {
        let mut stranger = user(r#"{"value":"$2b$x"}"#, r#"{"algorithm":"bcrypt"}"#);
        stranger["emailVerified"] = false.into();
        let read = one(&stranger).unwrap();
        assert!(read.hash.is_none() && read.is_unverified);
    }

    #[test]
    fn what_is_no_person_is_left_out_and_what_cannot_be_taken_is_told() {
        let program = serde_json::json!({"username": "service-account-x", "serviceAccountClientId": "x"});
        let text =
            serde_json::json!([{"realm": "a", "users": [program]}, {"realm": "b", "users": [{"username": "bob"}, 7]}]);
        let told: Vec<String> = read(&text.to_string())
            .unwrap()
            .into_iter()
            .filter_map(Result::err)
            .map(|one| one.told())
            .collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with("user bob: it has no e-mail address") && told[1].starts_with("user 3: "),
            "{told:?}"
        );
        let unknown = one(&user(r#"{"value":"x","salt":"y"}"#, r#"{"algorithm":"md5"}"#))
            .err()
            .map(|one| one.told());
        assert!(unknown.is_some_and(|told| told.contains("\"md5\", which is not known")));
        for bad in ["", "[", "3", "{}", "{\"users\": 3}"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}

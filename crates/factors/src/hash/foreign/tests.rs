//! Hashes made by other programs, and what is refused.
use super::*;

const TYPED: &[u8] = b"correct horse battery";

fn is_of(text: &str, typed: &[u8]) -> bool {
    Foreign::of(text).unwrap().is_of(typed, &mut Memory::default()).unwrap()
}
fn refused(text: &str) -> Error {
    Foreign::of(text).and_then(|foreign| foreign.cost()).expect_err(text)
}

/// Each made by another program: Python's hashlib, glibc's crypt, the reference implementation of argon2, the RFCs.
const MADE_ELSEWHERE: [(&str, &[u8]); 11] = [
    ("$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS", TYPED),
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", b"U*U"),
    ("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", b"U*U"),
    (
        "$pbkdf2$i=1000$AAECAwQFBgcICQoLDA0ODw$yr+bZKkEnTtGf3f18VjXM5CIxT8",
        TYPED,
    ),
    (
        "$pbkdf2-sha256$i=27500,l=64$AAECAwQFBgcICQoLDA0ODw$VVatals5hXp5h2oxfsxiF6kzhtIf76FMvLQt3LHjOPTh+NaxYdlTOPwDZ23eIyR9i752/A/GtET2PfLHzgkqPg",
        TYPED,
    ),
    (
        "$pbkdf2-sha512$1000$AAECAwQFBgcICQoLDA0ODw$ToxFUi5y3fprZRW/V6CupR2uIDYfuy5rlsF9Z4E648lE68lw5lzmucru/HdPvmBJDSLroVh1Q2xCvjqd8NI/6Q",
        TYPED,
    ),
    (
        "$pbkdf2-sha256$29000$AAECAwQFBgcICQoLDA0ODw$QKlCDPGRoLK139911fz4wmw.qxtasIBS/3PnV5Q49G0",
        TYPED,
    ),
    (
        "pbkdf2_sha256$1000$seasalt$DrdiWD40lyBuydnjvZiDrdQMx1S1mOA9O0QYex0R6ww=",
        TYPED,
    ),
    (
        "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$hKGWL22WtdGfIbxEPAZ06BS2bWyYKuZIKvypfAlYOWk",
        TYPED,
    ),
    (
        "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
        b"password",
    ),
    (
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        b"password",
    ),
];

#[test]
fn hashes_of_other_systems_are_of_their_password_and_of_no_other() {
    for (text, typed) in MADE_ELSEWHERE {
        assert!(is_of(text, typed), "{text}");
        assert!(!is_of(text, b"Correct horse battery"), "{text}");
        assert!(!is_of(text, b""), "{text}");
    }
}

#[test]
fn what_is_kept_reads_back_as_itself() {
    for (text, typed) in MADE_ELSEWHERE {
        let read = Foreign::of(text).unwrap();
        assert_eq!(Foreign::of(&read.written()).as_ref(), Ok(&read), "{text}");
        assert!(is_of(&read.written(), typed), "{text}");
    }
}

#[test]
fn costs_beyond_the_limit_are_refused_before_anything_is_computed() {
    let (salt, hash) = ("AAECAwQFBgcICQoLDA0ODw", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    for head in [
        "$argon2id$v=19$m=4194304,t=1,p=1",
        "$argon2i$v=19$m=65536,t=4000000000,p=1",
        "$scrypt$ln=30,r=8,p=1",
        "$scrypt$ln=22,r=8,p=1",
        "$scrypt$ln=16,r=8,p=64",
        "$scrypt$ln=10,r=4294967295,p=4294967295",
        "$pbkdf2-sha256$i=4294967295",
        "$pbkdf2-sha512$i=10000000",
    ] {
        assert_eq!(refused(&format!("{head}${salt}${hash}")), Error::TooCostly, "{head}");
    }
    assert_eq!(
        refused("$2b$31$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS"),
        Error::TooCostly
    );
}

#[test]
fn usual_settings_of_others_are_below_the_limit() {
    let hash = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for head in [
        "$pbkdf2-sha256$i=600000",
        "$pbkdf2-sha512$i=210000",
        "$scrypt$ln=17,r=8,p=1",
        "$argon2id$v=19$m=7168,t=5,p=1",
    ] {
        let text = format!("{head}$AAECAwQFBgcICQoLDA0ODw${hash}");
        assert!(Foreign::of(&text).and_then(|foreign| foreign.cost()).is_ok(), "{head}");
    }
    let sha1 = "$pbkdf2$i=1300000$AAECAwQFBgcICQoLDA0ODw$yr+bZKkEnTtGf3f18VjXM5CIxT8";
    let bcrypt = "$2b$13$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
    for text in [sha1, bcrypt] {
        assert!(Foreign::of(text).and_then(|foreign| foreign.cost()).is_ok(), "{text}");
    }
}

#[test]
fn what_is_broken_or_unknown_is_refused() {
    for text in [
        "",
        "plain",
        "{SSHA}abc",
        "$1$salt$hash",
        "$6$rounds=5000$salt$hash",
        "$2b$12$tooshort",
        "$2b$99$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$pbkdf2-md5$i=1000$AAECAwQFBgcICQoLDA0ODw$yr+bZKkEnTtGf3f18VjXM5CIxT8",
        "$pbkdf2$i=0$AAECAwQFBgcICQoLDA0ODw$yr+bZKkEnTtGf3f18VjXM5CIxT8",
        "$pbkdf2$i=-1$AAECAwQFBgcICQoLDA0ODw$yr+bZKkEnTtGf3f18VjXM5CIxT8",
        "$pbkdf2$i=1000$!$yr+bZKkEnTtGf3f18VjXM5CIxT8",
        "$pbkdf2$i=1000$AAECAwQFBgcICQoLDA0ODw$c2hvcnQ",
        "$scrypt$ln=10,r=8$AAECAwQFBgcICQoLDA0ODw$hKGWL22WtdGfIbxEPAZ06BS2bWyYKuZIKvypfAlYOWk",
        "$scrypt$N=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$hKGWL22WtdGfIbxEPAZ06BS2bWyYKuZIKvypfAlYOWk",
        "$argon2id$v=18$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=1,p=1$AAE$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        &"$2b$12$".repeat(1_000),
    ] {
        assert!(matches!(refused(text), Error::Malformed(_)), "{text}");
    }
}

#[test]
fn bcrypt_reads_72_bytes_and_a_longer_password_is_still_its_owners() {
    let salt = [7; 16];
    let long = [b'a'; 100];
    let hash = bcrypt(4, &salt, &long);
    let foreign = Foreign::new(Recipe::Bcrypt { rounds: 4 }, salt.to_vec(), hash[..23].to_vec()).unwrap();
    assert!(foreign.is_of(&long, &mut Memory::default()).unwrap());
}

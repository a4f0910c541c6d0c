//! The mailboxes of a world: what the real queue brings into the development outbox, read by a library that is not the one that wrote it.
//! A story brings the mail by hand, so that nothing leaves before the story wants it to.
use crate::World;
use ground::delivery::{Patience, Postman, Turn};
use mail_parser::{MessageParser, MimeHeaders as _};

/// A mail as its recipient has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Every address that it goes to: To, Cc and Bcc.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The part with mark-up.
    pub html: String,
    /// The names of all headers of the whole, in small letters.
    pub headers: Vec<String>,
    /// The bytes as they came.
    pub raw: Vec<u8>,
}

impl Mail {
    /// As it came.
    ///
    /// # Panics
    /// Where it cannot be read, or has not two parts.
    pub fn read(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("a mail that can be read");
        let lists = [message.to(), message.cc(), message.bcc()];
        let addresses = lists.into_iter().flatten().flat_map(|list| list.iter());
        let text = |part: Option<std::borrow::Cow<'_, str>>| part.unwrap_or_default().replace("\r\n", "\n");
        assert_eq!(
            message
                .content_type()
                .and_then(|kind| kind.subtype().map(str::to_owned))
                .as_deref(),
            Some("alternative")
        );
        Self {
            to: addresses
                .filter_map(|address| address.address().map(str::to_owned))
                .collect(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: text(message.body_text(0)),
            html: text(message.body_html(0)),
            headers: message
                .headers_raw()
                .map(|(name, _)| name.to_ascii_lowercase())
                .collect(),
            raw: raw.to_vec(),
        }
    }
    /// Every address that a reader of the plain part could follow.
    pub fn links(&self) -> Vec<String> {
        let words = self.text.split_whitespace();
        words
            .map(|word| word.trim_end_matches(','))
            .filter(|word| word.contains("://"))
            .map(str::to_owned)
            .collect()
    }
    /// The link to this page of ours, as path and query.
    ///
    /// # Panics
    /// Where it leads to another place than `public_url`, or is not in both parts.
    pub fn path(&self, world: &World, page: &str) -> String {
        let links = self.links();
        let begins = format!("{}{page}?", world.origin());
        let link = links
            .iter()
            .find(|link| link.starts_with(&begins))
            .unwrap_or_else(|| panic!("no link to {page} in {}", self.text));
        assert!(self.html.contains(link), "the two parts differ: {}", self.html);
        link.strip_prefix(world.origin())
            .expect("it begins with public_url")
            .to_owned()
    }
    /// The code that stands in it, as it is shown.
    ///
    /// # Panics
    /// Where there is none.
    pub fn code(&self) -> String {
        let after = self
            .text
            .split_once("asked for it: ")
            .unwrap_or_else(|| panic!("no code in {}", self.text))
            .1;
        after.split_whitespace().next().unwrap_or_default().to_owned()
    }
}

impl World {
    /// One turn of the postman, by hand: what is due is tried once.
    pub async fn bring_mail(&self) -> Turn {
        self.postman().turn().await
    }
    /// The look at the mail server that is due once a minute.
    pub async fn look_at_mail_server(&self) {
        self.postman().minute().await;
    }
    /// A postman as the first node has it; one that a story keeps remembers which servers are away.
    pub fn postman(&self) -> Postman {
        self.postman_with(Patience::default())
    }
    /// The same with other time-outs.
    pub fn postman_with(&self, patience: Patience) -> Postman {
        Postman::with_patience(self.app().ground(), patience).expect("a configuration that mail can leave with")
    }
    /// Brings the mail and reads all that ever came, oldest first.
    pub async fn mail(&self) -> Vec<Mail> {
        self.bring_mail().await;
        let folder = self.app().ground().config.outbox_dir();
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "eml"));
        files.sort();
        files
            .into_iter()
            .map(|file| Mail::read(&std::fs::read(file).expect("a file of the outbox")))
            .collect()
    }
    /// The same, of one mailbox and subject.
    pub async fn mail_to(&self, address: &str, subject: &str) -> Vec<Mail> {
        let mut all = self.mail().await;
        all.retain(|mail| mail.to.iter().any(|to| to == address) && mail.subject == subject);
        all
    }
}

//! The documents that events name: scanned contracts, annexes, minutes, logos.
//!
//! A document is sealed before it is stored and named by the hash of what is stored, so the name
//! says nothing of the content, and destroying a key takes the document with it. Events refer to a
//! document by that name; the envelope of such an event lists it, and it is durable before the
//! event is. What this module does not decide is who may read one: it keeps for whom a document was
//! handed in, and the rooms above judge by that.

use bytes::Bytes;
use domain::value::{DocumentReference, OrganisationOid};
use ledger::blobs::{BlobError, Blobs};
use ledger::{Binding, BlobReference, Hash, Ledger, Random, SealError, Sealer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What the stored form begins with; the last byte is its version.
const MARK: &[u8] = b"TNFILE\x01";

/// What keys of documents are for, beside the values of `domain::Category`.
const CATEGORY: &str = "document";

/// For whom a document is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Audience {
    /// Everybody, also without signing in: logos, the contract's model and its annexes.
    Public,
    /// Whoever takes part in the network: minutes, the annexes of an amendment.
    Members,
    /// The operator, the owner and the network's auditors.
    Operator,
    /// One organisation, and those who see the whole network.
    Organisation(OrganisationOid),
}

impl Audience {
    /// Whose key seals the document.
    fn subject(&self) -> String {
        match self {
            Self::Public | Self::Members | Self::Operator => "network".to_owned(),
            Self::Organisation(oid) => format!("organisation:{oid}"),
        }
    }
}

/// What is known of a document without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentHead {
    /// For whom it is.
    pub audience: Audience,
    /// Its media type, such as `application/pdf`.
    pub media_type: String,
    /// Binds the sealed bytes to this document and no other.
    id: Uuid,
}

/// A document with its content.
#[derive(Clone, Debug)]
pub struct Document {
    /// What is known of it.
    pub head: DocumentHead,
    /// Its content.
    pub content: Zeroizing<Vec<u8>>,
}

/// Why a document was not stored or not read. Says nothing of the content.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The store refused it or could not be reached.
    #[error("the store of documents failed")]
    Store(#[from] BlobError),
    /// It was not sealed or did not open.
    #[error("a document was not sealed or opened")]
    Seal(#[from] SealError),
    /// Its key could not be had.
    #[error("the key of a document could not be had")]
    Key(#[from] ledger::VaultError),
    /// What is known of a document could not be written down.
    #[error("the head of a document could not be written")]
    Head(#[source] serde_json::Error),
    /// What is stored under this name is no document of this program.
    #[error("what is stored as {0} has no form that is known")]
    Form(Hash),
}

/// The ledger's documents. Cheap to clone.
#[derive(Clone)]
pub struct Documents {
    ledger: Uuid,
    blobs: Arc<dyn Blobs>,
    sealer: Sealer,
    random: Arc<dyn Random>,
}

impl Documents {
    /// The documents of `ledger`; their identifiers are drawn from `random`.
    pub(crate) fn new(ledger: &Ledger, random: Arc<dyn Random>) -> Self {
        Self {
            ledger: ledger.id(),
            blobs: Arc::clone(ledger.blobs()),
            sealer: ledger.sealer(),
            random,
        }
    }

    /// Seals and stores a document, durably, and gives the name that events refer to it by.
    ///
    /// The same content handed in twice has two names: a name that could be computed from the
    /// content would tell everybody who holds a copy that this is it.
    pub fn store(
        &self,
        audience: Audience,
        media_type: &str,
        content: &[u8],
    ) -> Result<DocumentReference, DocumentError> {
        let mut id = [0; 16];
        self.random.fill(&mut id);
        let head = DocumentHead {
            audience,
            media_type: media_type.to_owned(),
            id: uuid::Builder::from_random_bytes(id).into_uuid(),
        };
        let head_text = serde_json::to_string(&head).map_err(DocumentError::Head)?;
        let vault = self.sealer.vault();
        let key = vault.key_for(&head.audience.subject(), CATEGORY)?;
        let binding = self.binding(&head, &head_text);
        let sealed = self.sealer.seal_document(key, &binding, content)?;
        let mut stored = Vec::with_capacity(MARK.len() + 4 + head_text.len() + sealed.len());
        stored.extend_from_slice(MARK);
        let length = u32::try_from(head_text.len()).unwrap_or(u32::MAX);
        stored.extend_from_slice(&length.to_be_bytes());
        stored.extend_from_slice(head_text.as_bytes());
        stored.extend_from_slice(&sealed);
        // The key is there before the document that needs it.
        vault.sync()?;
        let blob = self.blobs.put(&stored)?;
        self.blobs.sync()?;
        DocumentReference::parse(&blob.hash.to_string()).map_err(|_| DocumentError::Form(blob.hash))
    }

    /// What is known of a document; none where it is not stored here.
    pub fn head(&self, name: &DocumentReference) -> Result<Option<DocumentHead>, DocumentError> {
        Ok(self.stored(name)?.map(|stored| stored.head))
    }

    /// A document with its content; none where it is not stored here. Only for answering a caller
    /// who may read it.
    pub fn open(&self, name: &DocumentReference) -> Result<Option<Document>, DocumentError> {
        let Some(stored) = self.stored(name)? else {
            return Ok(None);
        };
        let binding = self.binding(&stored.head, stored.head_text());
        let content = self.sealer.open_document(&binding, stored.sealed())?;
        Ok(Some(Document {
            head: stored.head,
            content,
        }))
    }

    /// Those of the documents that an event's payload names which are stored here, for its
    /// envelope. A name is the hash of what is stored: no other text can be taken for one.
    pub(crate) fn named_in(&self, payload: &Value) -> Result<Vec<BlobReference>, BlobError> {
        let mut names = BTreeSet::new();
        collect_names(payload, &mut names);
        let found = names.into_iter().map(|hash| {
            let blob = self.blobs.get(hash)?;
            Ok(blob.map(|bytes| BlobReference {
                hash,
                length: bytes.len() as u64,
            }))
        });
        found.filter_map(Result::transpose).collect()
    }

    fn stored(&self, name: &DocumentReference) -> Result<Option<Stored>, DocumentError> {
        let Some(hash) = Hash::parse(name.as_str()) else {
            return Ok(None);
        };
        let Some(bytes) = self.blobs.get(hash)? else {
            return Ok(None);
        };
        Stored::read(bytes)
            .ok_or(DocumentError::Form(hash))
            .map(Some)
    }

    /// The place a document belongs to: itself. The head is bound as a whole, so that a document
    /// cannot be passed off as one for another audience.
    fn binding<'a>(&self, head: &DocumentHead, head_text: &'a str) -> Binding<'a> {
        Binding {
            ledger_id: self.ledger,
            stream: CATEGORY,
            event_id: head.id,
            event_type: CATEGORY,
            field: head_text,
        }
    }
}

/// A document as it lies in the store.
struct Stored {
    bytes: Bytes,
    head: DocumentHead,
    head_end: usize,
}

impl Stored {
    const HEAD_BEGIN: usize = MARK.len() + 4;

    fn read(bytes: Bytes) -> Option<Self> {
        let rest = bytes.strip_prefix(MARK)?;
        let length = u32::from_be_bytes(*rest.first_chunk::<4>()?);
        let head_end = Self::HEAD_BEGIN.checked_add(usize::try_from(length).ok()?)?;
        let head = serde_json::from_slice(bytes.get(Self::HEAD_BEGIN..head_end)?).ok()?;
        Some(Self {
            bytes,
            head,
            head_end,
        })
    }

    fn head_text(&self) -> &str {
        // It was read as JSON, which is UTF-8.
        std::str::from_utf8(&self.bytes[Self::HEAD_BEGIN..self.head_end]).unwrap_or_default()
    }

    fn sealed(&self) -> &[u8] {
        &self.bytes[self.head_end..]
    }
}

fn collect_names(payload: &Value, names: &mut BTreeSet<Hash>) {
    match payload {
        Value::String(text) => names.extend(Hash::parse(text)),
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        Value::Object(fields) => fields
            .values()
            .for_each(|field| collect_names(field, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

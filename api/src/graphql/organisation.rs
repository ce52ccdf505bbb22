//! The organisation register.

use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::{LanguageText, id};
use async_graphql::{ID, Object};
use domain::Organisation;
use domain::value::OrganisationOid;

/// An organisation of the register.
#[derive(Clone)]
pub(crate) struct OrganisationView {
    scope: Scope,
    oid: OrganisationOid,
}

impl OrganisationView {
    pub(crate) fn new(scope: Scope, oid: OrganisationOid) -> Self {
        Self { scope, oid }
    }

    fn row(&self) -> Option<&Organisation> {
        self.scope.network().organisations.get(&self.oid)
    }
}

/// An organisation of the register.
#[Object(name = "Organisation")]
impl OrganisationView {
    /// The identifier of this organisation as a node.
    pub(crate) async fn id(&self) -> ID {
        id("organisation", &self.oid)
    }

    /// Its identifier in the organisation service.
    async fn oid(&self) -> String {
        self.oid.to_string()
    }

    /// Its name, as the register has it, or else as its membership has it for whoever may see that;
    /// none where neither is so.
    async fn name(&self) -> Option<LanguageText> {
        if let Some(row) = self.row() {
            return Some((&row.description.name).into());
        }
        let shown = self.scope.seer().sees_membership(&self.oid);
        let member = shown.then(|| self.scope.network().members.get(&self.oid))??;
        member.name.as_ref().map(Into::into)
    }

    /// Its business ID, where it has one.
    async fn business_id(&self) -> Option<String> {
        let row = self.row()?;
        row.description
            .business_id
            .as_ref()
            .map(ToString::to_string)
    }

    /// Its kinds, in the words of the organisation service.
    async fn types(&self) -> Vec<String> {
        let types = self.row().map(|row| row.description.types.as_slice());
        types
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Of a school: its kind, a number of the national code set.
    async fn institution_type(&self) -> Option<String> {
        let row = self.row()?;
        row.description
            .institution_type
            .as_ref()
            .map(ToString::to_string)
    }

    /// Of a school: its code.
    async fn school_code(&self) -> Option<String> {
        let row = self.row()?;
        row.description
            .school_code
            .as_ref()
            .map(ToString::to_string)
    }

    /// The code of its municipality.
    async fn municipality(&self) -> Option<String> {
        let row = self.row()?;
        row.description
            .municipality
            .as_ref()
            .map(ToString::to_string)
    }

    /// The organisation it belongs to.
    async fn parent(&self) -> Option<OrganisationView> {
        let parent = self.row()?.description.parent.clone()?;
        Some(Self::new(self.scope.clone(), parent))
    }

    /// When it was closed; none while it is there.
    async fn closed_at(&self) -> Option<scalar::Instant> {
        self.row()?.closed_at.map(scalar::Instant)
    }
}

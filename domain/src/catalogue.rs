//! The two tables of the network: every command with its right and its stream, every event with
//! its schema version and its stream. Interfaces, authorisation rows, codec and documentation are
//! made from them: a new command is one entry here and one rule beside its type.

use crate::actor::BelongsTo;
use crate::command::commands;
use crate::event::{ErasedPayload, events};
use crate::time::Instant;
use crate::{
    Authority, CommandDescription, Context, Decide, Decision, EventDescription, Evolve, Network,
    Right, Stream,
};

use crate::access::*;
use crate::agreement::*;
use crate::calendar::*;
use crate::founding::*;
use crate::integration::*;
use crate::membership::*;
use crate::obligation::*;
use crate::operations::*;
use crate::organisation::*;
use crate::rule::*;
use crate::service::*;
use crate::steering::*;

commands! {
    // The network: founding, operator, owner, rules.
    FoundLedger            [Clerk]                       network();
    AppointOperator        [Owner]                       network();
    ChangeOwner            [Owner]                       network();
    NameOperatorContact    [Operator]                    network();
    NameOwnerContact       [Owner, Operator]             network();
    SetRule                [Operator]                    network();
    SetSemesterCalendar    [Operator, Manager(member)]   network();

    // Obligations.
    RecordObligationDue    [Clerk]                       obligation();

    // Access.
    RecordAdministrator    [Operator, Clerk]             administrator();
    GrantAccess            [Operator]                    access();
    RevokeAccess           [Operator]                    access(grant);
    IssueMachineCredential [Operator]                    credential();
    RevokeMachineCredential [Operator]                   credential(credential);
    EnrolNode              [Operator]                    node();
    ExpelNode              [Operator]                    node(node);
    PublishSigningKey      [Operator, Clerk]             network();
    ActivateSigningKey     [Operator, Clerk]             network();
    RetireSigningKey       [Operator, Clerk]             network();

    // The organisation register.
    RecordOrganisations    [Operator, Clerk]             organisation();
    RecordActingFor        [Operator]                    organisation(acting);
    WithdrawActingFor      [Operator]                    organisation(acting);

    // Services: sets of clients.
    CreateService          [Operator, Manager(organisation), ServiceManager(organisation), Applicant(organisation)] service();
    ChangeService          [Operator, Manager(service), ServiceManager(service), Applicant(service)] service(service);
    InactivateService      [Operator, Manager(service), ServiceManager(service), Applicant(service)] service(service);
    ReactivateService      [Operator, Manager(service), ServiceManager(service), Applicant(service)] service(service);
    NameAttributeTestService [Operator]                  service(service);
    DeclareReleaseSet      [Operator, Manager(service), ServiceManager(service), Applicant(service)] service(service);
    AcceptReleaseSet       [Operator]                    service(service);
    RefuseReleaseSet       [Operator]                    service(service);
    VetoRelease            [Operator, Manager(organisation)] service(service);

    // Integrations. A service manager is never let near a home organisation's, and an applicant
    // only near those of the environment test: see `BelongsTo` of their identifier.
    RegisterHomeIntegration [Operator, Manager(organisation), Applicant(organisation)] integration();
    RegisterServiceIntegration [Operator, Manager(service), ServiceManager(service), Applicant(service)] integration();
    ChangeHomeIntegration  [Operator, Manager(integration), Applicant(integration)] integration(integration);
    ChangeServiceIntegration [Operator, Manager(integration), ServiceManager(integration), Applicant(integration)] integration(integration);
    ChangeDiscovery        [Operator, Manager(integration), Applicant(integration)] integration(integration);
    RotateCredential       [Operator, Manager(integration), ServiceManager(integration), Applicant(integration)] integration(integration);
    RefreshMetadata        [Operator, Clerk, Manager(integration), Applicant(integration)] integration(integration);
    SubmitIntegration      [Operator, Manager(integration), ServiceManager(integration)] integration(integration);
    AcceptIntegration      [Operator]                    integration(integration);
    RefuseIntegration      [Operator]                    integration(integration);
    ActivateIntegration    [Operator, Manager(integration), ServiceManager(integration), Applicant(integration)] integration(integration);
    SuspendIntegration     [Operator]                    integration(integration);
    ReinstateIntegration   [Operator]                    integration(integration);
    InactivateIntegration  [Operator, Manager(integration), ServiceManager(integration), Applicant(integration)] integration(integration);
    ReactivateIntegration  [Operator, Manager(integration), ServiceManager(integration), Applicant(integration)] integration(integration);
    SetPermissionMode      [Operator, Manager(integration), Applicant(integration)] integration(integration);
    PermitServices         [Operator, Manager(integration), Applicant(integration)] integration(integration);
    ForbidServices         [Operator, Manager(integration), Applicant(integration)] integration(integration);
    ImportIntegrations     [Operator]                    import();

    // The agreement: instruments, annexes, amendments.
    PublishInstrument       [Operator]                    agreement();
    CloseInstrument         [Operator]                    agreement();
    PublishAnnex            [Operator]                    agreement();
    ProposeAmendment        [Operator, SteeringMember]    amendment();
    PostponeAmendment       [Operator]                    amendment(amendment);
    CastVote                [SteeringMember, Operator]    amendment(amendment);
    DecideAmendment         [Operator]                    amendment(amendment);
    ConfirmUrgentAmendment  [Operator]                    amendment(amendment);
    PublishAmendment        [Operator]                    amendment(amendment);
    SendAmendmentNotice     [Operator]                    amendment(amendment);
    ReceiveAmendmentNotice  [Operator, Manager(member)]   amendment(amendment);
    DecideLateAmendment     [Operator]                    amendment(amendment);
    WithdrawAmendment       [Operator]                    amendment(amendment);
    RecordAmendmentEffect   [Clerk]                       amendment(amendment);

    // The steering group.
    ConveneSteeringGroup    [Owner]                       steering();
    AppointSteeringMember   [Owner, Operator]             steering();
    DismissSteeringMember   [Owner, Operator]             steering();
    CallMeeting             [Owner, Operator]             meeting();
    CancelMeeting           [Owner, Operator]             meeting(meeting);
    HoldMeeting             [Owner, Operator]             meeting(meeting);
    ReviewFees              [Owner, Operator]             steering();

    // Operations.
    AnnounceMaintenance     [Operator]                    interruption();
    CancelMaintenance       [Operator]                    interruption(interruption);
    StartInterruption       [Operator]                    interruption();
    EndInterruption         [Operator]                    interruption(interruption);
    SuspendEndUser          [Operator]                    suspension();
    InformTechnicalContact  [Operator]                    suspension(suspension);
    ReinstateEndUser        [Operator]                    suspension(suspension);
    OpenMisuseCase          [Operator, Manager(reported_by)] misuse();
    RecordMisuseParticipation [Operator, Manager(member)] misuse(misuse);
    CloseMisuseCase         [Operator]                    misuse(misuse);
    DetectDataBreach        [Operator]                    breach();
    WidenDataBreach         [Operator]                    breach(breach);
    NotifyDataBreach        [Operator]                    breach(breach);
    CommitConfidentiality   [Operator]                    commitment();
    PermitSubprocessor      [Operator, Manager(member)]   permit();
    RevokeSubprocessor      [Operator, Manager(permit)]   permit(permit);
    ReceiveSubjectRequest   [Operator, Manager(member)]   subject_request();
    AnswerSubjectRequest    [Operator]                    subject_request(request);
    RequestAudit            [Operator, Manager(member)]   audit();
    HoldAudit               [Operator]                    audit(audit);
    RequestLogDisclosure    [Operator, Manager(member)]   disclosure();
    RecordAuthoritysRequest [Operator]                    disclosure();
    DiscloseLog             [Operator]                    disclosure(disclosure);
    RefuseLogDisclosure     [Operator]                    disclosure(disclosure);

    // Membership: joining, contacts, roles.
    ApplyForMembership     [Operator, Applicant(organisation), Manager(organisation)] member(organisation);
    WithdrawApplication    [Operator, Applicant(organisation), Manager(organisation)] member(organisation);
    RefuseApplication      [Operator]                    member(organisation);
    DraftContract          [Operator]                    member(organisation);
    RequestSignatures      [Operator]                    member(organisation);
    RecordMemberSignature  [Operator]                    member(organisation);
    RecordOperatorSignature [Operator]                   member(organisation);
    DeliverSignedCopy      [Operator]                    member(organisation);
    AcceptTerms            [Operator, Applicant(organisation), Manager(organisation)] member(organisation);
    ConfirmJoiningNotification [Operator]                member(organisation);
    AcceptMember           [Operator]                    member(organisation);
    RecordEligibility      [Operator]                    member(member);
    NameContact            [Operator, Applicant(member), Manager(member)] member(member);
    GrantRole              [Operator]                    member(member);
    WithdrawRole           [Operator, Manager(member)]   member(member);

    // Membership: self-audit, assurances.
    RequestSelfAudit       [Operator]                    member(member);
    SubmitSelfAudit        [Operator, Manager(member)]   member(member);
    ReviewSelfAudit        [Operator]                    member(member);
    PublishSelfAudit       [Operator, Manager(member)]   member(member);
    GiveAssurance          [Operator, Manager(member)]   member(member);
    NotifyServiceStart     [Operator, Manager(member)]   member(member);

    // Membership: notices, breaches, outages, complaints, disputes, the end.
    GiveNotice             [Manager(member)]             member(member);
    RecordMemberNotice     [Operator]                    member(member);
    GiveNoticeToMember     [Operator]                    member(member);
    WithdrawNotice         [Operator]                    member(member);
    ReviewNotice           [Operator]                    member(member);
    SendRemark             [Operator]                    member(member);
    MakeRemark             [Operator, Manager(member)]   member(member);
    RecordRemarkReceipt    [Operator]                    member(member);
    AcceptCure             [Operator]                    member(member);
    AcceptOperatorsCure    [Operator, Manager(member)]   member(member);
    ReportOutage           [Operator, Manager(member)]   member(member);
    RecordOutageReport     [Operator]                    member(member);
    RecordOutageCorrection [Operator]                    member(member);
    MakeQualityComplaint   [Operator, Manager(member)]   member(member);
    SetComplaintDeadline   [Operator]                    member(member);
    SettleQualityComplaint [Operator]                    member(member);
    OpenDispute            [Operator, Manager(member)]   member(member);
    CloseDispute           [Operator]                    member(member);
    RecordMembershipEnd    [Clerk]                       member(member);
    ChooseDataDisposition  [Operator, Manager(member)]   member(member);
    RecordDataReturn       [Operator]                    member(member);
    RecordDataErasure      [Operator]                    member(member);
}

events! {
    // The network: founding, operator, owner, rules.
    LedgerFounded             1 network();
    OperatorAppointed         1 network();
    OwnerChanged              1 network();
    OperatorContactNamed      1 network();
    OwnerContactNamed         1 network();
    RuleSet                   1 network();
    SemesterCalendarSet       1 network();

    // Obligations.
    ObligationFellDue         1 obligation(subject);

    // Access.
    AdministratorRecorded     1 administrator(person);
    AccessGranted             1 access(grant);
    AccessRevoked             1 access(grant);
    MachineCredentialIssued   1 credential(credential);
    MachineCredentialRevoked  1 credential(credential);
    NodeEnrolled              1 node(node);
    NodeExpelled              1 node(node);
    SigningKeyPublished       1 network();
    SigningKeyActivated       1 network();
    SigningKeyRetired         1 network();

    // The organisation register.
    OrganisationRecorded      1 organisation(organisation);
    OrganisationChanged       1 organisation(organisation);
    OrganisationClosed        1 organisation(organisation);
    ActingForRecorded         1 organisation(acting);
    ActingForWithdrawn        1 organisation(acting);

    // Services.
    ServiceCreated            1 service(service);
    ServiceChanged            1 service(service);
    ServiceInactivated        1 service(service);
    ServiceReactivated        1 service(service);
    AttributeTestServiceNamed 1 service(service);
    ReleaseSetDeclared        1 service(service);
    ReleaseSetAccepted        1 service(service);
    ReleaseSetRefused         1 service(service);
    ReleaseVetoed             1 service(service);

    // Integrations.
    IntegrationRegistered     1 integration(integration);
    IntegrationChanged        1 integration(integration);
    CredentialRotated         1 integration(integration);
    MetadataRefreshed         1 integration(integration);
    DiscoveryChanged          1 integration(integration);
    IntegrationSubmitted      1 integration(integration);
    IntegrationAccepted       1 integration(integration);
    IntegrationRefused        1 integration(integration);
    IntegrationActivated      1 integration(integration);
    IntegrationSuspended      1 integration(integration);
    IntegrationReinstated     1 integration(integration);
    IntegrationInactivated    1 integration(integration);
    IntegrationReactivated    1 integration(integration);
    PermissionModeSet         1 integration(integration);
    ServicePermitted          1 integration(integration);
    ServiceForbidden          1 integration(integration);
    ClientMoved               1 integration(integration);
    IntegrationsImported      1 import();

    // The agreement: instruments, annexes, amendments.
    InstrumentPublished       1 agreement();
    InstrumentClosed          1 agreement();
    AnnexPublished            1 agreement();
    AmendmentProposed         1 amendment(amendment);
    AmendmentPostponed        1 amendment(amendment);
    VoteCast                  1 amendment(amendment);
    AmendmentApproved         1 amendment(amendment);
    AmendmentRejected         1 amendment(amendment);
    UrgentAmendmentConfirmed  1 amendment(amendment);
    AmendmentPublished        1 amendment(amendment);
    AmendmentNoticeSent       1 amendment(amendment);
    AmendmentNoticeReceived   1 amendment(amendment);
    LateAmendmentDecided      1 amendment(amendment);
    AmendmentWithdrawn        1 amendment(amendment);
    AmendmentTookEffect       1 amendment(amendment);

    // The steering group.
    SteeringGroupConvened     1 steering();
    SteeringMemberAppointed   1 steering();
    SteeringMemberDismissed   1 steering();
    MeetingCalled             1 meeting(meeting);
    MeetingCancelled          1 meeting(meeting);
    MeetingHeld               1 meeting(meeting);
    FeesReviewed              1 steering();

    // Operations.
    MaintenanceAnnounced      1 interruption(interruption);
    MaintenanceCancelled      1 interruption(interruption);
    InterruptionStarted       1 interruption(interruption);
    InterruptionEnded         1 interruption(interruption);
    EndUserSuspended          1 suspension(suspension);
    TechnicalContactInformed  1 suspension(suspension);
    EndUserReinstated         1 suspension(suspension);
    MisuseCaseOpened          1 misuse(misuse);
    MisuseParticipationRecorded 1 misuse(misuse);
    MisuseCaseClosed          1 misuse(misuse);
    DataBreachDetected        1 breach(breach);
    DataBreachWidened         1 breach(breach);
    DataBreachNotified        1 breach(breach);
    ConfidentialityCommitted  1 commitment(commitment);
    SubprocessorPermitted     1 permit(permit);
    SubprocessorRevoked       1 permit(permit);
    SubjectRequestReceived    1 subject_request(request);
    SubjectRequestAnswered    1 subject_request(request);
    AuditRequested            1 audit(audit);
    AuditHeld                 1 audit(audit);
    LogDisclosureRequested    1 disclosure(disclosure);
    LogDisclosed              1 disclosure(disclosure);
    LogDisclosureRefused      1 disclosure(disclosure);

    // Membership: joining, contacts, roles.
    MembershipApplied         1 member(member);
    ApplicationWithdrawn      1 member(member);
    ApplicationRefused        1 member(member);
    ContractDrafted           1 member(member);
    SignatureRequested        1 member(member);
    MemberSigned              1 member(member);
    OperatorSigned            1 member(member);
    SignedCopyDelivered       1 member(member);
    TermsAccepted             1 member(member);
    JoiningNotificationConfirmed 1 member(member);
    MemberAccepted            1 member(member);
    MembershipStarted         1 member(member);
    LegalBasisChanged         1 member(member);
    EligibilityRecorded       1 member(member);
    ContactNamed              1 member(member);
    RoleGranted               1 member(member);
    RoleWithdrawn             1 member(member);

    // Membership: self-audit, assurances.
    SelfAuditRequested        1 member(member);
    SelfAuditSubmitted        1 member(member);
    SelfAuditReviewed         1 member(member);
    SelfAuditPublished        1 member(member);
    AssuranceGiven            1 member(member);
    ServiceStartNotified      1 member(member);

    // Membership: notices, breaches, outages, complaints, disputes, the end.
    NoticeGiven               1 member(member);
    NoticeWithdrawn           1 member(member);
    NoticeReviewed            1 member(member);
    RemarkSent                1 member(member);
    RemarkReceived            1 member(member);
    BreachCured               1 member(member);
    OutageReported            1 member(member);
    OutageCorrected           1 member(member);
    QualityComplaintMade      1 member(member);
    ComplaintDeadlineSet      1 member(member);
    QualityComplaintSettled   1 member(member);
    DisputeOpened             1 member(member);
    DisputeClosed             1 member(member);
    MembershipEnded           1 member(member);
    DataDispositionChosen     1 member(member);
    DataReturned              1 member(member);
    DataErased                1 member(member);
}

//! `parcours/<uuid>`: one journey of one trainee, from orientation to employment.
//!
//! The data of each step stands in the file named after the phase of the journey.

mod admission;
mod amendment;
mod certification;
mod exploration;
mod immersion;
mod orientation;
mod outcome;
mod support;
mod training;
mod voice;

pub use admission::{Admitted, CommitmentSigned, PlaceOffered, Placement, ReferentNamed};
pub use amendment::{Annulled, Corrected, EventRef};
pub use certification::{Certification, Scope};
pub use exploration::{Discovery, ProjectAim, Project, TradeDiscovered};
pub use immersion::{ImmersionAgreed, ImmersionBrokenOff, ImmersionCompleted, ImmersionKind, ImmersionStarted};
pub use orientation::{Channel, EligibilityChecked, Gender, Need, Oriented, Situation};
pub use outcome::{
    BusinessCreated, BusinessOrigin, Contract, EmploymentEnded, EmploymentStarted, EmploymentStartedV1, ExitReason, Exited, FollowupAnswered,
    FollowupMonths, FollowupSituation, Reporter, Terms, WorkingTime,
};
pub use support::{
    AidGranted, AidKind, AidPaid, Attendance, Interruption, PartnerReported, PayEnded, PayGranted, ReportTopic, Resumption,
};
pub use training::{
    BilanCompleted, Domain, Mode, ModuleCompleted, Obstacle, ObstacleLifted, PlanAgreed, SkillAcquired, SkillFramework,
    Started,
};
pub use voice::{Consent, ProfilePublished, ProfileWithdrawn, Purpose, ReviewSubmitted};

vocabulary! {
    "parcours.oriented.v1" "A person is oriented to the programme, or comes directly to an operator (R1)." => Oriented(Box<Oriented>),
    "parcours.eligibility.checked.v1" "Whether the person may enter the programme, and why (R2)." => EligibilityChecked(EligibilityChecked),
    "parcours.admitted.v1" "An operator takes the person in; with a session, a place is taken (R1, R18)." => Admitted(Admitted),
    "parcours.waitlisted.v1" "The person waits for a place (R18)." => Waitlisted(Placement),
    "parcours.place.offered.v1" "A place is offered to whoever waits for it, until a day (R18)." => PlaceOffered(PlaceOffered),
    "parcours.declined.v1" "The person is not taken in (R18)." => Declined(Placement),
    "parcours.withdrawn.v1" "The person gives up before or after admission (R18)." => Withdrawn(Placement),
    "parcours.commitment.signed.v1" "The contract of commitment with the Région is signed (R3)." => CommitmentSigned(CommitmentSigned),
    "parcours.referent.named.v1" "The one pedagogical contact from now on (R4)." => ReferentNamed(ReferentNamed),
    "parcours.plan.agreed.v1" "The individualised plan (R12)." => PlanAgreed(PlanAgreed),
    "parcours.started.v1" "The training begins (R3, R22)." => Started(Started),
    "parcours.bilan.completed.v1" "The complete bilan (R5)." => BilanCompleted(Box<BilanCompleted>),
    "parcours.obstacle.lifted.v1" "An obstacle around the training is gone (R5, R14)." => ObstacleLifted(ObstacleLifted),
    "parcours.trade.discovered.v1" "A trade met with professionals (R6)." => TradeDiscovered(TradeDiscovered),
    "parcours.immersion.agreed.v1" "An immersion is agreed with a host (R7)." => ImmersionAgreed(Box<ImmersionAgreed>),
    "parcours.immersion.started.v1" "An immersion begins (R7)." => ImmersionStarted(ImmersionStarted),
    "parcours.immersion.completed.v1" "An immersion ends as agreed (R7)." => ImmersionCompleted(ImmersionCompleted),
    "parcours.immersion.broken_off.v1" "An immersion ends before its time (R7)." => ImmersionBrokenOff(ImmersionBrokenOff),
    "parcours.project.stated.v1" "The professional project, as the person states it (R8)." => ProjectStated(Project),
    "parcours.project.confirmed.v1" "The project is found realistic, or not (R8)." => ProjectConfirmed(Project),
    "parcours.module.completed.v1" "A module of the plan is done (R8 to R11)." => ModuleCompleted(ModuleCompleted),
    "parcours.skill.acquired.v1" "A skill of a framework is acquired (R9, R10, R20)." => SkillAcquired(SkillAcquired),
    "parcours.attendance.recorded.v1" "A month's attendance (R13)." => AttendanceRecorded(Attendance),
    "parcours.pay.granted.v1" "Pay is granted (R13)." => PayGranted(PayGranted),
    "parcours.pay.ended.v1" "Pay ends (R13)." => PayEnded(PayEnded),
    "parcours.aid.granted.v1" "An aid is granted from the year's envelope (R13)." => AidGranted(AidGranted),
    "parcours.aid.paid.v1" "An aid, or part of it, is paid (R13)." => AidPaid(AidPaid),
    "parcours.partner.reported.v1" "A partner who follows the person reports (R14, R16)." => PartnerReported(PartnerReported),
    "parcours.suspended.v1" "The training is interrupted (R14)." => Suspended(Interruption),
    "parcours.resumed.v1" "The training goes on (R14)." => Resumed(Resumption),
    "parcours.certification.registered.v1" "The person is registered for a certification (R23)." => CertificationRegistered(Certification),
    "parcours.certification.obtained.v1" "A certification is obtained, in full or by blocks (R23)." => CertificationObtained(Certification),
    "parcours.certification.failed.v1" "A certification is not obtained (R23)." => CertificationFailed(Certification),
    "parcours.exited.v1" "The parcours ends, and why (R14, R23)." => Exited(Exited),
    "parcours.employment.started.v1" "An employment begins: the older version, taken and read for ever; views tell it as v2 (R20, R23)." => EmploymentStartedV1(Box<EmploymentStartedV1>),
    "parcours.employment.started.v2" "An employment begins (R20, R23)." => EmploymentStarted(Box<EmploymentStarted>),
    "parcours.employment.ended.v1" "An employment ends (R20, R23)." => EmploymentEnded(EmploymentEnded),
    "parcours.business.created.v1" "A business is created or taken over (R23)." => BusinessCreated(BusinessCreated),
    "parcours.followup.answered.v1" "What became of the person some months later (R20, R22)." => FollowupAnswered(FollowupAnswered),
    "parcours.review.submitted.v1" "The person's review of the training (R18, R20)." => ReviewSubmitted(ReviewSubmitted),
    "parcours.consent.given.v1" "Consent for one purpose (R19, R21)." => ConsentGiven(Consent),
    "parcours.consent.withdrawn.v1" "Consent withdrawn (R19, R21)." => ConsentWithdrawn(Consent),
    "parcours.profile.published.v1" "The profile companies may see (R19, R20)." => ProfilePublished(Box<ProfilePublished>),
    "parcours.profile.withdrawn.v1" "The profile is withdrawn (R19, R20)." => ProfileWithdrawn(ProfileWithdrawn),
    "parcours.event.corrected.v1" "An earlier event of this stream was wrong; this is right." => Corrected(Box<Corrected>),
    "parcours.event.annulled.v1" "An earlier event of this stream never was." => Annulled(Box<Annulled>),
}

impl Fact {
    /// The same as the newest version of its type says it; `None` for what is of the newest.
    ///
    /// The way to evolve a type: the data of the old version keep their reader, under their own name and variant; here they
    /// become those of the new one. Nothing else but readers of what was sent ever looks at an old variant.
    pub fn upcast(&self) -> Option<Self> {
        match self {
            Fact::EmploymentStartedV1(old) => Some(Fact::EmploymentStarted(Box::new(old.upcast()))),
            _ => None,
        }
    }
}

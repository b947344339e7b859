//! The training itself: plan, bilan, modules, skills (R5, R9 to R12).

use crate::codes::{Appraisal, Minutes, Rome, Siret};
use crate::sealed::Sealed;
use crate::streams::Data;
use std::collections::BTreeMap;

data! {
    /// How a training is given.
    pub enum Mode {
        /// At the operator's.
        OnSite,
        /// At a distance.
        Remote,
        /// Both.
        Mixed,
    }

    /// Data of `parcours.plan.agreed.v1`.
    pub struct PlanAgreed {
        /// What the person aims at.
        goals: Vec<String>,
        /// What the plan contains.
        modules: Vec<String>,
        /// How it is given.
        mode: Mode,
        /// Minutes a week.
        weekly_minutes: Minutes where PLANNED_WEEK,
        /// Whether the person keeps a job beside it.
        alongside_job: bool,
    }

    /// Data of `parcours.started.v1`: nothing beyond its time.
    pub struct Started {}

    /// What stands in the way around the training.
    pub enum Obstacle {
        /// Getting there.
        Mobility,
        /// A place to live.
        Housing,
        /// Somebody for the children.
        Childcare,
        /// Health.
        Health,
        /// Digital tools.
        Digital,
        /// French.
        Language,
        /// Money.
        Money,
        /// Anything else.
        Other,
    }

    /// Data of `parcours.bilan.completed.v1`.
    pub struct BilanCompleted {
        /// Skills held: codes or text.
        held: Vec<String>,
        /// Skills to develop: codes or text.
        to_develop: Vec<String>,
        /// Sectors of interest.
        sectors: Vec<Rome>,
        /// Obstacles in the person's environment.
        obstacles: Vec<Obstacle>,
        /// What helps.
        levers: Vec<String>,
        /// Learning capacity by area, 0 to 4.
        learning: BTreeMap<String, Appraisal>,
        /// Notes on the person, sealed.
        notes: Option<Sealed>,
    }

    /// Data of `parcours.obstacle.lifted.v1`.
    pub struct ObstacleLifted {
        /// Which one.
        obstacle: Obstacle,
        /// Who helped.
        by: Option<Siret>,
    }

    /// What a module is about.
    pub enum Domain {
        /// French.
        French,
        /// Mathematics.
        Mathematics,
        /// Science and technology.
        Science,
        /// Cognitive aptitudes.
        Cognitive,
        /// Digital skills.
        Digital,
        /// Transversal skills.
        Transversal,
        /// Mobility, physical and psychological.
        Mobility,
        /// How to build one's own project.
        ProjectMethod,
        /// The technique of a trade.
        Technical,
    }

    /// Data of `parcours.module.completed.v1`.
    pub struct ModuleCompleted {
        /// What it was about.
        domain: Domain,
        /// How long it took.
        minutes: Minutes where MODULE,
        /// How it was given.
        mode: Mode,
    }

    /// Where a skill's code comes from.
    pub enum SkillFramework {
        /// The CléA base of knowledge and skills.
        Clea,
        /// Pix, digital skills.
        Pix,
        /// The ROME register of trades.
        Rome,
        /// Europass.
        Europass,
        /// The operator's own.
        Local,
    }

    /// Data of `parcours.skill.acquired.v1`.
    pub struct SkillAcquired {
        /// Where the code comes from.
        framework: SkillFramework,
        /// The skill's code.
        code: String where TITLE,
        /// The level reached, on the framework's own scale.
        level: Option<u8> where SKILL_LEVEL,
    }
}

impl Data for PlanAgreed {}
impl Data for Started {}
impl Data for BilanCompleted {}
impl Data for ObstacleLifted {}
impl Data for ModuleCompleted {}
impl Data for SkillAcquired {}

//! Schemas that routes refer to by name, written by the types themselves: those of the model and of the views are
//! described with schemars, which says in OpenAPI 3.1 what it says in JSON Schema.

use std::marker::PhantomData;

use parcours_model::schema::portable;
use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Where a document keeps its schemas.
const PLACE: &str = "/components/schemas";

/// In the description of a route, the component that describes a `T` (write `inline(Described<T>)`).
pub struct Described<T>(PhantomData<T>);

impl<T: JsonSchema> PartialSchema for Described<T> {
    fn schema() -> RefOr<Schema> {
        Ref::from_schema_name(T::schema_name()).into()
    }
}

impl<T: JsonSchema> ToSchema for Described<T> {}

/// The schemas that a service's routes refer to.
pub struct Components {
    generator: SchemaGenerator,
    others: Map<String, Value>,
}

impl Default for Components {
    fn default() -> Self {
        Components {
            generator: Components::settings().into_generator(),
            others: Map::new(),
        }
    }
}

impl Components {
    /// How schemas of answers are written.
    pub fn settings() -> SchemaSettings {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = PLACE.into();
        settings.contract = Contract::Serialize;
        settings
    }

    /// With those of what is answered with a `T`.
    pub fn with<T: JsonSchema>(mut self) -> Self {
        self.generator.subschema_for::<T>();
        self
    }

    /// With schemas that are written already, by their names.
    pub fn with_others(mut self, others: Map<String, Value>) -> Self {
        self.others.extend(others);
        self
    }

    /// Adds them to a document.
    pub(crate) fn add_to(mut self, document: &mut Value) {
        let mut own = json!({ "$defs": self.generator.take_definitions(true) });
        portable(&mut own);
        let Value::Object(own) = own["$defs"].take() else {
            return;
        };
        for (name, schema) in own.into_iter().chain(self.others) {
            let place = &mut document["components"]["schemas"][&name];
            assert!(
                place.is_null() || *place == schema,
                "two schemas have the name {name}: name one of them otherwise"
            );
            *place = schema;
        }
    }
}

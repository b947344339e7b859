use crate::csv::mapping::Mapping;
use crate::csv::records::Records;
use crate::lheo::identity as catalogue;
use parcours_model::{StreamId, StreamKind};

use super::*;

const HEADER: &str = "type;source;parcours;date;mois;heures prévues;planned_minutes;attended_minutes;excused_minutes;session;fact";

fn read(header: &str, text: &str) -> Result<Line, Fault> {
    let cells: Vec<String> = header.split(';').map(str::to_owned).collect();
    let (header, _) = Header::read(&cells, &Mapping::default(), &[]).unwrap();
    let mut records = Records::new(std::io::Cursor::new(text.as_bytes()), b';', 1);
    records.read().unwrap();
    Converter::new(header).line(7, &records.found, text)
}

fn attendance(cells: &str) -> Result<Line, Fault> {
    read(
        HEADER,
        &format!("attendance.recorded;19290076900014;2026-17;{cells}"),
    )
}

fn id(cells: &str) -> String {
    attendance(cells).unwrap().id
}

#[test]
fn a_line_is_the_same_event_for_ever() {
    let line = attendance("31/03/2026;2026-03;140;;8000;0").unwrap();
    assert_eq!(
        line.stream.to_string(),
        "parcours/77b015ac-dfd7-56a9-880f-e5b3302f52f6"
    );
    assert_eq!(line.id, "a9485bd6-32d8-50e1-9289-76daadb9f098");
    assert_eq!(
        line.data,
        r#"{"month":"2026-03","planned_minutes":8400,"attended_minutes":8000,"excused_minutes":0}"#
    );
}

#[test]
fn what_identifies_a_fact_makes_another_event_and_nothing_else_does() {
    let of_march = id("31/03/2026;2026-03;140;;8000;0");
    assert_eq!(
        of_march,
        id("01/04/2026;mars 2026;;60;1;1"),
        "other values, another day, another spelling"
    );
    let others = [
        "31/03/2026;2026-04;140;;8000;0",
        "31/03/2026;2026-03;140;;8000;0;S1",
        "31/03/2026;2026-03;140;;8000;0;;2",
    ];
    for other in others {
        assert_ne!(of_march, id(other), "{other}");
    }
}

#[test]
fn one_field_is_said_in_one_unit() {
    let refused = attendance("31/03/2026;2026-03;140;8400;8000;0").unwrap_err();
    assert_eq!(refused.column.as_deref(), Some("heures prévues"));
    assert!(refused.detail.contains("another unit"), "{refused:?}");
}

#[test]
fn a_cell_that_says_nothing_of_the_type_is_refused() {
    let refused = read(
        "type;source;parcours;date;month;reason",
        "exited;19290076900014;1;31/03/2026;2026-03;health",
    );
    let refused = refused.unwrap_err();
    assert_eq!(refused.column.as_deref(), Some("month"));
    assert!(refused.detail.contains("expected an empty cell"), "{refused:?}");
}

#[test]
fn an_operator_goes_by_the_name_that_catalogues_give_it() {
    let header = "type;source;operator;date;siret;name;commune";
    let line = read(
        header,
        "operator.registered;19290076900014;73000123400014;31/03/2026;73000123400014;École;14118",
    )
    .unwrap();
    let siret = "73000123400014".parse().unwrap();
    assert_eq!(
        line.stream,
        StreamId::new(StreamKind::Operator, catalogue::operator(siret))
    );
}

//! Tables of figures, read by the programs that people read tables with.

use parcours_tests::python::python_with;
use parcours_tests::{Database, Service, program};
use serde_json::{Value, json};

use super::fill;

#[test]
fn pandas_polars_and_duckdb_read_the_figures_as_they_are_without_being_told_how() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let api = service.api();
    fill(&api);
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("csv", "figures.csv"),
        ("csv-fr", "figures-fr.csv"),
        ("parquet", "figures.parquet"),
        ("datapackage", "datapackage.json"),
    ];
    let paths = files.map(|(format, file)| {
        let path = folder.path().join(file);
        let question = "from=2024-01-01&to=2024-12-31&by=departement&then_by=month&compare=true";
        let answer = api.get(&format!("/v1/territories/region/28?{question}&format={format}"));
        std::fs::write(&path, answer.must_be(200).body).unwrap();
        path
    });
    let mut python = python_with("pandas");
    python
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/tables.py"))
        .args(&paths);
    let told = program::run(&mut python, "");
    let readers: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(readers.len(), 5, "{told}");
    for reader in &readers {
        assert_eq!(reader["whole"], true, "counts are whole numbers: {reader}");
        let rows = reader["rows"].as_array().unwrap();
        assert_eq!(rows[0], json!(["total", "region/28", null, "2024-01-01", 2]));
        assert_eq!(
            rows[1],
            json!(["subtotal", "region/28", "departement/76", "2024-01-01", 2])
        );
        let parts = rows.iter().filter(|row| row[0] == "part");
        assert_eq!(parts.map(|part| part[4].as_i64().unwrap()).sum::<i64>(), 2);
        assert_eq!(rows.last().unwrap()[0], "year_before");
        assert_eq!(rows.last().unwrap()[3], "2023-01-01");
        assert_eq!(reader["rows"], readers[0]["rows"]);
    }
    assert!(service.stop().success());
}

#[test]
fn the_descriptor_says_where_its_tables_are() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let api = service.api();
    fill(&api);
    let asked = "/v1/territories/departement/76?from=2024-01-01&format=datapackage&by=level";
    let answer = api.get(asked).must_be(200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/vnd.datapackage+json")
    );
    let descriptor = answer.json();
    let resources = descriptor["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 3);
    for resource in resources {
        let path = resource["path"].as_str().unwrap();
        let table = api
            .get(&format!("/v1/territories/departement/{path}"))
            .must_be(200);
        assert!(
            table
                .header("content-type")
                .unwrap()
                .starts_with(resource["mediatype"].as_str().unwrap())
        );
    }
    let first = api.get(&format!(
        "/v1/territories/departement/{}",
        resources[0]["path"].as_str().unwrap()
    ));
    let head = first.must_be(200).text().lines().next().unwrap().to_owned();
    let fields = resources[0]["schema"]["fields"].as_array().unwrap().iter();
    let names: Vec<&str> = fields.map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(head, names.join(","));
    assert!(service.stop().success());
}

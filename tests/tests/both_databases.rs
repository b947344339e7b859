//! `on_both_databases!` makes of one behaviour two tests, and each has its database to itself.

use parcours_tests::{Database, on_both_databases};

on_both_databases! {
    fn the_options_name_the_database_of_the_test(database: Database) {
        let options = database.options();
        assert_eq!(
            options[..2],
            ["--data".into(), database.data().as_os_str().to_owned()]
        );
        assert_eq!(options.get(3).and_then(|url| url.to_str()), database.url());
    }

    fn a_data_directory_goes_with_the_test(database: Database) {
        let directory = database.data().to_owned();
        assert!(directory.is_dir());
        drop(database);
        assert!(!directory.exists());
    }
}

#[test]
fn only_the_second_has_an_address() {
    assert!(Database::sqlite().url().is_none());
    assert!(Database::postgres().url().is_some());
}

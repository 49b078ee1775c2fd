import pytest

from vitrina.cli.main import main

OBO = "format-version: 1.4\nontology: lab\n\n[Term]\nid: LAB:1\nname: tumour niche\nis_a: UBERON:0002048\n"


class TestSearch:
    def test_the_best_fit_comes_first_with_the_synonym_that_fits(self, vitrina):
        ran = vitrina("ontology", "search", "Xenium Spatial Gene Expression")
        assert ran.code == 0
        assert ran.out.splitlines()[1].split() == [
            *("EFO:0022615", "ExperimentalFactor", "10x", "Xenium", "="),
            *("Xenium", "Spatial", "Gene", "Expression"),
        ]

    def test_json_has_the_terms(self, vitrina):
        items = vitrina("ontology", "search", "lung", "--registry", "tissue", "--limit", 3, "--json").json["items"]
        assert [item["registry"] for item in items] == ["Tissue"] * 3
        assert items[0]["ontology_id"] == "UBERON:0002048"

    def test_a_typo_is_asked_back(self, vitrina):
        ran = vitrina("ontology", "search", "lung adenocarcinmoa")
        assert ran.out.startswith("No term matches. Did you mean:\n")
        assert "MONDO:0005061" in ran.out

    def test_a_misspelt_registry_is_asked_back(self, vitrina):
        ran = vitrina("ontology", "search", "lung", "--registry", "tisue")
        assert ran.code == 2
        assert "Did you mean Tissue?" in ran.err


class TestShow:
    @pytest.mark.parametrize("text", ["lung", "pulmo", "UBERON:0002048", "uberon_0002048"])
    def test_a_term_is_found_by_name_synonym_or_id(self, vitrina, text):
        ran = vitrina("ontology", "show", text)
        assert ran.out.startswith("lung  UBERON:0002048\nTissue uberon 2026-04-01\n")
        assert "Synonyms      pulmo\n" in ran.out
        assert ran.out.endswith("Above, below  32, 160\n")

    def test_json_counts_what_is_above_and_below(self, vitrina):
        page = vitrina("ontology", "show", "lung", "--json").json
        assert (page["n_ancestors"], page["n_descendants"]) == (32, 160)
        assert {"registry": "Tissue", "ontology_id": "UBERON:0002168", "name": "left lung"} in page["children"]

    def test_a_name_of_several_terms_lists_them(self, vitrina):
        ran = vitrina("ontology", "show", "HeLa")
        assert ran.code == 3
        assert ran.err.startswith("term-ambiguous: 'HeLa' means 2 terms.")
        assert "CVCL_0030 (CellLine: HeLa)" in ran.err

    def test_a_registry_tells_them_apart(self, vitrina):
        assert vitrina("ontology", "show", "HeLa", "--registry", "cell_line").out.startswith("HeLa  CVCL_0030")

    def test_an_obsolete_term_says_what_to_use(self, vitrina):
        assert "Obsolete; use MONDO:0009299." in vitrina("ontology", "show", "MONDO:0000002").out

    def test_a_typo_is_asked_back(self, vitrina):
        ran = vitrina("ontology", "show", "lungg")
        assert ran.code == 3
        assert "Did you mean UBERON:0002048 (Tissue: lung)" in ran.err


class TestImport:
    def test_then_show(self, vitrina, tmp_path):
        (tmp_path / "lab.obo").write_text(OBO)
        ran = vitrina("ontology", "import", "lab.obo", "--registry", "Tissue")
        assert (ran.code, ran.out) == (0, "lab: 1 term of Tissue.\n")
        assert "Parents       lung (UBERON:0002048)" in vitrina("ontology", "show", "tumour niche").out

    def test_a_registry_that_does_not_follow_is_asked_for(self, vitrina, tmp_path):
        (tmp_path / "lab.obo").write_text(OBO)
        ran = vitrina("ontology", "import", "lab.obo")
        assert ran.code == 2
        assert "--registry" in ran.err

    def test_a_damaged_file_is_unreadable(self, vitrina, tmp_path):
        (tmp_path / "lab.obo").write_text(OBO + "is")
        ran = vitrina("ontology", "import", "lab.obo", "--registry", "Tissue")
        assert ran.code == 2
        assert ran.err.startswith("ontology-unreadable")


class TestWithoutAnInstance:
    @pytest.fixture(autouse=True)
    def _nowhere(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

    def test_search_and_show_work(self, capsys):
        for verb in ("search", "show"):
            with pytest.raises(SystemExit) as ended:
                main(["ontology", verb, "lung"])
            assert ended.value.code == 0
            assert "UBERON:0002048" in capsys.readouterr().out

    def test_import_names_init(self, capsys):
        with pytest.raises(SystemExit) as ended:
            main(["ontology", "import", "x.obo"])
        assert ended.value.code == 3
        assert "vitrina init" in capsys.readouterr().err

    def test_a_named_one_that_is_missing_is_an_error(self, capsys):
        with pytest.raises(SystemExit) as ended:
            main(["--instance", "nowhere", "ontology", "search", "lung"])
        assert ended.value.code == 3
        assert capsys.readouterr().err.startswith("instance-missing")

"""Image-Codes are those that iscc-sdk has, and the value of a soft binding is what IEP-0020 says."""

from __future__ import annotations

from pathlib import Path

import pytest
from iscc_lib import iscc_decode
from PIL import Image, ImageOps

from provenance.fingerprints import iscc
from provenance.fingerprints.sequence import encoded, image_codes
from tests.unit.fingerprints.pictures import FORMS, drawn, sixteen_bits

RECORDED = {
    "RGB": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "L": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "1": "ISCC:EEDZWTQ5VEQN5ETL7A2BZYXD2A7USOMSZYGLHS2O2TBDH3AMS3JGTPI",
    "LA": "ISCC:EED25DV2MLQ2LRA37QMBAT2HJS72HE7SIZUIGL6S23W6LVGVCOBE42A",
    "RGBA": "ISCC:EED25DV2MLQ2LRA37QMBAT2HJS72HE7SIZUIGL6S23W6LVGVCOBE42A",
    "P": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQO3GE2P2QHOAC7RG4LGV2Y",
    "P, transparent": "ISCC:EEDYWXAEVOBXI3X2BNSWMHPMW7IEVOWFIQ6KJG63IUH2CL7RTFKGFKY",
    "CMYK": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "YCbCr": "ISCC:EEDYUXAZEMT3JWXLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "turned by EXIF": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "border": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "borders in each other": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "nearly white border": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "one side": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQG3GE272QHOAC7RG4LGV2Y",
    "GIF": "ISCC:EEDYUXAZMMT3JWTLA5UWCDX4T7IBWKWHJQO3GE2P2QHOAC7RG4LGV2Y",
}
"""What iscc-sdk 0.9.7 with Pillow 13 made of these pictures, by `gen_image_code_v0(image_normalize(it), bits=256)`."""


@pytest.mark.parametrize("form", FORMS)
def test_codes_are_those_that_were_recorded_of_iscc_sdk(form):
    assert iscc.text(iscc.code(FORMS[form]())) == RECORDED[form]


@pytest.mark.parametrize("form", FORMS)
def test_codes_are_those_of_iscc_sdk_where_it_is_installed(form):
    sdk = pytest.importorskip("iscc_sdk", reason="iscc-sdk is not installed: it brings in GPL and much else")
    library = pytest.importorskip("iscc_lib")
    theirs = library.gen_image_code_v0(sdk.image_normalize(FORMS[form]()), bits=256)
    assert iscc.text(iscc.code(FORMS[form]())) == theirs.iscc


def test_the_published_code_of_the_published_picture():
    samples = pytest.importorskip("iscc_samples", reason="iscc-samples (CC-BY, 56 MB) is not installed")
    with Image.open(Path(samples.__file__).parent / "files" / "image" / "demo.jpg") as picture:
        code = iscc.code(picture)
    # IEP-0004, example 1: the shorter code is the beginning of the longer one
    assert code[:8] == iscc_decode("ISCC:EEA4GQZQTY6J5DTH")[4]


def test_deep_greys_have_the_code_of_the_same_greys_of_eight_bits():
    assert iscc.code(sixteen_bits()) == iscc.code(drawn().convert("L"))
    assert iscc.code(drawn().convert("L").convert("F")) == iscc.code(ImageOps.autocontrast(drawn().convert("L")))


def test_a_code_as_text_is_read_by_others():
    code = iscc.code(drawn())
    main, sub, version, length, body = iscc_decode(iscc.text(code))
    assert ((main, sub, version), 32 * (length + 1), body) == ((2, 1, 0), 256, code)


# ---- the value of a soft binding; vectors of IEP-0020

CONTENT = "2007a88248c53a852c8d7e9c547047c9a36c4052b6acabef1e2a4ce15e586e0cb305"
META = "0007578c7c8fbfbdb58f29f63efeb3871553faa75ff97458d49eff5ee4ddf36bb6c9"
DATA = "300705b41f3472493225d27edcbdb63236846a53ee28deca5e3561acc0c9bbdf81b5"
INSTANCE = "4007a522af4a2c9cbf6a808924afd2acfa0793347b936678f5982e22fdd3dd4a0e37"
SHORT = "21018c3585376ee22d5a22039f07f3ff9e0061ff3ef7cbffffef37ff" + DATA
BODY = "ff" * 32


def test_a_soft_binding_of_one_code_is_its_header_and_its_body():
    code = iscc.code(drawn())
    assert encoded(code).hex() == "2107" + code.hex()
    assert image_codes(encoded(code)) == (code,)


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (META + CONTENT + DATA + INSTANCE, 0),
        (SHORT, 0),
        ("270000000000", 0),
        (META + "2107" + BODY + DATA, 1),
        ("2107" + BODY + "2107" + "00" * 32, 2),
        ("2117" + BODY, 0),
        # two nibbles for a subtype of 8: the header ends in the middle of a byte, and is filled up
        ("280070" + BODY, 0),
    ],
    ids=["text", "short", "unknown", "one", "two", "version 1", "filled up"],
)
def test_other_units_are_passed_over(value, codes):
    assert [it.hex() for it in image_codes(bytes.fromhex(value))] == [BODY, "00" * 32][:codes]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "28000100000000",
        "200800" + "00" * 36,
        "3000000000",
        "30000000000000",
        "5005578c7c8fbfbdb58fa88248c53a852c8d05b41f3472493225a522af4a2c9cbf6a",
        "60100000000000000000",
        "f0",
        "21",
        "2",
    ],
)
def test_what_is_no_sequence_of_units_is_refused(value):
    with pytest.raises(ValueError, match=r"soft binding|unit"):
        image_codes(bytes.fromhex(value.rjust(len(value) + len(value) % 2, "0")))

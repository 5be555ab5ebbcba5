"""What is taken away from the page: the code that a phone reads, the file that plays without a server, the picture, the frame."""

import io
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import zxingcpp
from conftest import SEED, box, view, write
from PIL import Image
from playwright.sync_api import expect

HOSTILE = 'Olga <b>sang</b> </script><script>document.title="x"</script> in Rome'


def test_a_room_gets_from_the_screen_to_its_phones_and_the_network_into_a_slide(visit, browser, tmp_path, app):
    page = visit("?cell=gru&lens=inside&edits=cut:3", height=800)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    write(page, HOSTILE)
    view(page).get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to this text, cell and step").input_value()
    assert parse_qs(urlsplit(link).query)["text"] == [HOSTILE]
    line = view(page).get_by_label("Line for a page of your own").input_value()
    assert line.startswith("<iframe ") and f'src="{link}&embed=true"' in unescape(line) and HOSTILE not in line

    # A phone reads the code off the screen.
    view(page).get_by_role("button", name="QR code").click()
    code = page.get_by_role("img", name="QR code of the link to this view")
    expect(code).to_be_visible()
    picture = Image.open(io.BytesIO(page.screenshot()))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [link]
    assert code.bounding_box()["height"] > 300
    page.keyboard.press("Escape")

    with page.expect_download() as download:
        view(page).get_by_role("button", name="Save a picture").click()
    picture = Image.open(download.value.path())
    assert download.value.suggested_filename == "unrolled-tag.png" and picture.width > 1500
    colors = picture.convert("RGB").getcolors(1_000_000)
    assert len(colors) > 20 and max(colors)[1] == (255, 255, 255)  # something is drawn, on the page's own ground

    with page.expect_download() as download:
        view(page).get_by_role("button", name="Save as a page").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == "unrolled-tag.html" and saved.stat().st_size < 500_000
    # Nothing that the page asked for came from elsewhere; what it made itself has a blob: or data: address.
    assert {urlsplit(url).netloc for url in asked if url.startswith("http")} <= {urlsplit(app).netloc}

    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    plays, loaded = context.new_page(), []
    plays.on("request", lambda request: request.url.startswith("data:") or loaded.append(request.url))
    plays.on("pageerror", lambda error: loaded.append(str(error)))
    plays.goto(saved.as_uri())
    expect(view(plays)).to_have_attribute("data-current", str(view(page).locator("[data-step]").count()))
    expect(plays.locator(".read")).to_have_text(HOSTILE)
    for name, step in (("To the start", "0"), ("One step forward", "1")):
        view(plays).get_by_role("button", name=name).click()
        expect(view(plays)).to_have_attribute("data-current", step)
    label = "[data-step='1'] .uv-label"
    assert view(plays).locator(label).inner_text() == view(page).locator(label).inner_text()
    assert view(plays).get_by_role("button", name="Share").count() == 0
    # The arrow that was cut, and the lens that was open: a walk that is stepped through, formulas, still figures.
    assert view(plays).get_by_role("button", name="The arrow is cut before step 3").is_visible()
    expect(view(plays).get_by_role("group", name="Changes in the network")).to_contain_text("cut before step 3")
    walk = plays.get_by_role("group", name="The block, stage by stage")
    walk.get_by_role("button", name="One stage back").click()
    expect(walk.locator(".walk-count")).to_have_text("stage 3 of 4")
    assert walk.locator("li.walk-now b").inner_text() == "What is new n"
    figure = plays.get_by_role("img", name=re.compile("Heat map of the units’ old memory"))
    assert figure.bounding_box()["width"] > 800 and plays.locator("math").count() == 8
    assert plays.title() == "Tag · Unrolled" and loaded == [saved.as_uri()]
    context.close()


def test_an_embedded_view_leads_back_and_may_have_the_box(visit):
    page = visit("?text=Olga+sings&embed=true&box=true")
    write(page, "Amina sings in Lagos")
    back = page.get_by_role("link", name="Open in Unrolled")
    expect(back).to_have_attribute("href", re.compile("Amina"))
    assert "embed" not in back.get_attribute("href") and back.get_attribute("target") == "_blank"
    other = visit(f"?{urlsplit(back.get_attribute('href')).query}")
    assert view(other).get_attribute("data-text") == "Amina sings in Lagos"
    page = visit("?embed=true")
    assert not box(page).is_visible() and view(page).get_attribute("data-text") == SEED

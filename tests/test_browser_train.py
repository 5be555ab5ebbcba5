"""The Train page as a visitor meets it: a network learns, rests, goes back in time, is looked at, and comes back from its file; a
curve is drawn and learnt; three cells race."""

import math
from urllib.parse import parse_qsl, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from rnn_demo.learn import curve
from rnn_demo.learn.setup import read_link


def test_a_network_learns_before_the_visitors_eyes(visit, tmp_path):
    page = visit("train?job=parity&length=10", theme="dark")
    learn = page.get_by_test_id("learn-view")
    step = lambda: int(learn.get_attribute("data-step"))
    expect(page.locator(".st-key-shape_train a")).to_have_attribute("aria-current", "page")
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()

    page.get_by_role("button", name="One step", exact=True).click()
    expect(learn).to_have_attribute("data-step", "1")
    page.get_by_role("button", name="Learn", exact=True).click()
    page.wait_for_function("() => +document.querySelector('.lv').dataset.shown >= 150", timeout=90_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(learn).to_have_attribute("data-playing", "false")
    expect(page.locator(".uv-verdict")).to_contain_text("of 10")

    # Back in time: what is drawn is that moment's, and the end is still there.
    last = step()
    page.get_by_label("Back in time").fill("0")
    expect(learn).to_have_attribute("data-shown", "0")
    assert step() >= last  # a turn that was under way when it paused may still have come
    page.get_by_label("Back in time").press("End")
    expect(learn).not_to_have_attribute("data-shown", "0")

    # Every lens looks at it; the file that it gives comes back as the same network.
    page.get_by_role("button", name="Inside", exact=True).click()
    expect(page.get_by_role("heading", name="What does the block compute?")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the network").click()
    page.get_by_role("button", name="Start again").click()
    expect(learn).to_have_attribute("data-step", "0")
    page.get_by_role("button", name="Bring one back").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("is no network")).to_have_count(0)
    expect(learn).not_to_have_attribute("data-step", "0")


def test_a_curve_is_drawn_by_hand_and_what_a_race_showed_can_be_left_and_taken_up_again(visit):
    page = visit("train?job=curve&hidden=2&batch=4&length=5")
    learn = page.get_by_test_id("learn-view")
    page.get_by_role("button", name="Draw your own curve").click()
    pad = learn.locator(".lv-pad")
    box = pad.bounding_box()
    to = lambda part: (box["x"] + part * box["width"], box["y"] + box["height"] * (0.5 - 0.4 * math.sin(20 * part)))
    page.mouse.move(*to(0.4))
    page.mouse.down()
    page.mouse.move(*to(0.5))
    page.mouse.up()
    expect(learn.get_by_text("at least a quarter of the pad")).to_be_visible()
    page.mouse.move(*to(0.95))
    page.mouse.down()
    for step in range(94, 4, -1):  # from right to left it goes, too
        page.mouse.move(*to(step / 100))
    page.mouse.up()
    expect(learn.get_by_text("Your curve is taken")).to_be_visible()
    expect(page.get_by_role("combobox", name="Curve")).to_have_value("drawn by you")
    page.get_by_role("button", name="Share").click()
    link = page.get_by_label("Link to this text, cell and step").input_value()
    assert len(link) < 600
    setup, problems = read_link(dict(parse_qsl(urlsplit(link).query)))
    values = curve.parse(setup.text)
    assert not problems and len(values) == 200
    wave = [0.5 + 0.4 * math.sin(20 * (0.05 + 0.9 * i / 199)) for i in range(200)]
    assert max(abs(value - wanted) for value, wanted in zip(values, wave, strict=True)) < 0.03

    page.get_by_role("button", name="One step", exact=True).click()
    expect(learn).to_have_attribute("data-step", "1")
    expect(pad).to_be_hidden()
    expect(learn.get_by_role("heading", name="Is it right?")).to_be_visible()
    page.get_by_role("button", name="Race over").click()
    heading = learn.get_by_role("heading", name="The race", exact=True)
    expect(heading).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="This network", exact=True).click()
    expect(heading).to_be_hidden()
    page.get_by_role("button", name="The race", exact=True).click()
    expect(heading).to_be_visible()
    page.get_by_role("button", name="One step", exact=True).click()
    expect(learn).to_have_attribute("data-step", "2")
    expect(heading).to_be_hidden()

"""The Train page as a visitor meets it: a network learns, rests, goes back in time, is looked at, and comes back from its file."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


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

"""What stands in .deploy is judged by those who know: HAProxy, the schemas of Compose and Kubernetes, hadolint. That the balancer
does what it is for is tested in test_browser_hosted.py."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import compose_spec
import kubernetes_validate
import pytest
import yaml
from conftest import HAPROXY, ROOT

DEPLOY = ROOT / ".deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
OBJECTS = [found for path in MANIFESTS for found in yaml.safe_load_all(path.read_text("utf-8"))]
REQUIREMENTS = (ROOT / "requirements.txt").read_text("utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")


def of_kind(kind: str) -> dict:
    (found,) = [each for each in OBJECTS if each["kind"] == kind]
    return found


def compose() -> compose_spec.PyCompose:
    """With what stands for itself where nobody has set a variable. "${PORT:-8501}:8080" -> "8501:8080" """
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    return compose_spec.PyCompose.from_yaml(re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text))


def test_haproxy_takes_its_configuration():
    checked = subprocess.run([HAPROXY, "-c", "-f", DEPLOY / "haproxy.cfg"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr


def test_what_is_said_of_a_request_holds_no_text():
    formats = re.findall(r'log-format "(.*)"', (DEPLOY / "haproxy.cfg").read_text("utf-8"))
    # %HU, %HQ, %r and captured headers would hold the query of a link.
    assert len(formats) == 1 and not re.search(r"%(\{.*?\})?(HU|HQ|HP\b|r\b|hr|hs|\[)", formats[0].replace("[%tr]", ""))


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_kubernetes_takes_every_manifest(each):
    kubernetes_validate.validate(each, kubernetes_validate.latest_version(), strict=True)


def test_a_field_that_kubernetes_does_not_know_is_found():
    wrong = of_kind("Service") | {"specs": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


def test_the_manifests_fit_together():
    pod = of_kind("Deployment")["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    for picks in (of_kind("Service")["spec"]["selector"], of_kind("Deployment")["spec"]["selector"]["matchLabels"],
                  of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]):  # fmt: skip
        assert picks.items() <= pod["metadata"]["labels"].items()
    named = {port["name"] for port in container["ports"]}
    assert {probe["httpGet"]["port"] for name, probe in container.items() if name.endswith("Probe")} == named
    (port,) = of_kind("Service")["spec"]["ports"]
    assert port["targetPort"] in named
    ingresses = [each for each in OBJECTS if each["kind"] == "Ingress"]
    assert {each["spec"]["ingressClassName"] for each in ingresses} == {"haproxy", "traefik"}
    for each in ingresses:
        (rule,) = each["spec"]["rules"]
        (path,) = rule["http"]["paths"]
        assert path["backend"]["service"] == {"name": of_kind("Service")["metadata"]["name"], "port": {"name": port["name"]}}
    scaler, deployment = of_kind("HorizontalPodAutoscaler")["spec"], of_kind("Deployment")
    assert scaler["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert "replicas" not in deployment["spec"] and 2 <= scaler["minReplicas"] < scaler["maxReplicas"]  # or both would say how many
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    # The copy goes when nobody new comes any more, and is not killed before.
    assert pod["spec"]["terminationGracePeriodSeconds"] > int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert any("cookie" in name for name in of_kind("Service")["metadata"]["annotations"])


def test_compose_takes_its_file_and_the_balancer_finds_the_copies():
    services = compose().to_dict()["services"]
    app, balancer = services["app"], services["balancer"]
    assert (DEPLOY / app["build"]["context"] / app["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    config = (DEPLOY / "haproxy.cfg").read_text("utf-8")
    set_to = dict(re.findall(r"presetenv (\w+) (\S+)", config))
    assert set_to["UNROLLED_NAME"] == "app"  # Docker's name server gives the addresses of all copies of a service
    assert set_to["UNROLLED_PORT"] in re.findall(r"EXPOSE (\d+)", DOCKERFILE)
    assert set_to["UNROLLED_BIND"].strip(":") in str(balancer["ports"])
    assert (DEPLOY / "haproxy.cfg").name in str(balancer["volumes"])


def test_hadolint_has_nothing_to_say_of_the_dockerfile():
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    judged = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout


def test_the_image_has_all_that_the_app_needs_and_nothing_else():
    sources = [word for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.M) for word in line.split()[:-1]]
    assert all((ROOT / source).exists() for source in sources)
    let_in = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert let_in == set(sources)
    assert not any(name in sources for name in ("tests", ".git", "."))


def test_the_steps_of_the_image_run_as_a_user_with_no_rights_and_pin_in_one_file():
    assert re.search(r"^USER 1000$", DOCKERFILE, re.M)
    # Every version of a package stands in requirements.txt.
    written = [*(ROOT / ".ci").glob("*"), ROOT / "tests" / "run", ROOT / "README.md", DEPLOY / "compose.yaml", *MANIFESTS]
    pinned = re.compile(r"\b(?:" + "|".join(re.findall(r"^([\w-]+)==", REQUIREMENTS, re.M)) + r")==\d")
    assert not [path.name for path in written if pinned.search(path.read_text("utf-8"))] and "==" not in DOCKERFILE
    assert all("==" in line for line in REQUIREMENTS.splitlines() if line.strip())
    (start,) = re.findall(r"^CMD \[(.*)\]$", DOCKERFILE, re.M)
    words = shlex.split(start.replace(",", " "))
    assert words[:3] == ["streamlit", "run", "streamlit_app.py"]
    assert not any(word.startswith(("--server.enableCORS", "--server.enableXsrf")) for word in words)

import os

from django.http import HttpResponse
from django.urls import path


def index(request):
    return HttpResponse(f"django {os.environ['DYNO']} {sorted(os.listdir('collected'))}\n")


urlpatterns = [path("", index)]

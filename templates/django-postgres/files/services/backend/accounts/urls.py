from django.urls import re_path

from accounts import views

urlpatterns = [
    re_path(r"^csrf/?$", views.CsrfView.as_view(), name="csrf"),
    re_path(r"^register/?$", views.RegisterView.as_view(), name="register"),
    re_path(r"^login/?$", views.LoginView.as_view(), name="login"),
    re_path(r"^logout/?$", views.LogoutView.as_view(), name="logout"),
    re_path(r"^me/?$", views.MeView.as_view(), name="me"),
]

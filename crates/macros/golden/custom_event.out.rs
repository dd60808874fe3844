#[automatically_derived]
impl ::vestibule::__private::Event for ConvertDegrees {
    const NAME: &'static str = "convertDegrees";
    type Output = f64;
    fn describe(&self) -> impl ::vestibule::__private::Serialize {
        ::vestibule::__private::describe_custom::<Self>(self)
    }
    fn describe_output(output: &Self::Output) -> impl ::vestibule::__private::Serialize {
        ::vestibule::__private::describe_custom_output::<Self>(output)
    }
}
#[automatically_derived]
impl ::vestibule::__private::CustomEvent for ConvertDegrees {
    const ACCESS: ::vestibule::__private::CallableBy = ::vestibule::__private::CallableBy::Role(
        "Support",
    );
}
